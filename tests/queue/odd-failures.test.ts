import { sql } from '@glueful/database'
import { databaseServers, testDatabase } from '@glueful/database/testing'
import { bury, job, release, type Job } from '@glueful/queue'
import { expect, test } from 'vitest'
import { openQueue } from './open-queue.ts'

/** Errors as applications make them by mistake; `text` is what must be told of them. */
const odd: readonly (readonly [title: string, thrown: unknown, name: string, text: string])[] = [
  ['a message with a NUL', new Error('bad \0 header'), 'Error', 'bad \uFFFD header'],
  ['no name', Object.assign(new Error('x'), { name: undefined }), 'Error', 'x'],
  ['a number as its name', Object.assign(new Error('x'), { name: 42 }), 'Error', 'x'],
  ['an object as its message', Object.assign(new Error('x'), { message: { reason: 'full' } }), 'Error', '{"reason":"full"}'],
  ['an object without a prototype', Object.create(null), 'object', 'a value without a text (object)'],
  ['a stack that is no text', Object.assign(new Error('x'), { stack: 7 }), 'Error', 'x'],
  ['undefined', undefined, 'undefined', 'undefined'],
  ['a name of 5,000 characters', Object.assign(new Error('x'), { name: 'n'.repeat(5_000) }), 'n'.repeat(200), 'x'],
]

for (const { dialect, title, reachable } of await databaseServers()) {
  test.skipIf(!reachable)(`whatever a handler throws is recorded, at once or later (${title})`, async () => {
    await using shared = await testDatabase(dialect)
    const jobs = odd.flatMap(([, thrown], index) => {
      const fails = () => {
        throw thrown
      }
      return [job(`now-${index}`, { tries: 1 }, fails), job(`later-${index}`, { tries: 1 }, async () => fails())] as Job<void>[]
    })
    await using open = await openQueue({ jobs }, { env: { DATABASE_URL: shared.url } })
    for (const one of jobs) await one.dispatch()
    await open.queue.runUntilEmpty()
    const found = await open.db.all(sql`select job, error_name, error_message from glueful_dead_letters`)
    const expected = odd.flatMap(([, , error_name, error_message], index) =>
      ['now', 'later'].map((when) => ({ job: `${when}-${index}`, error_name, error_message })),
    )
    expect(found.toSorted((a, b) => String(a['job']).localeCompare(String(b['job'])))).toEqual(expected.toSorted((a, b) => a.job.localeCompare(b.job)))
  })
}

test('a result that has no JSON is not kept, and its job is done: it is not run again for that', async () => {
  let runs = 0
  const Now = job('now', { keep: '1h' }, () => ({ sum: BigInt(++runs) }))
  const Later = job('later', { keep: '1h' }, async () => ({ sum: BigInt(++runs) }))
  await using open = await openQueue({ jobs: [Now, Later] })
  const ids = [await Now.dispatch(), await Later.dispatch()].map(({ id }) => id)
  await open.queue.travel('1m')
  expect(runs).toBe(2)
  for (const id of ids) expect(await open.parts.engine.find(id)).toMatchObject({ state: 'done', result: undefined })
  expect(open.logs()).toContainEqual(expect.objectContaining({ msg: 'The result of a job has no JSON, and is not kept', jobId: ids[0] }))
})

test('a delay of release that is no duration fails the attempt', async () => {
  const Wrong = job('wrong', { tries: 1 }, () => release('soon' as never))
  const Reason = job('reason', { tries: 1 }, () => bury('full of \0'))
  await using open = await openQueue({ jobs: [Wrong, Reason] })
  await Wrong.dispatch()
  await Reason.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([
    { outcome: 'bury', error: expect.stringContaining('INVALID_DURATION') },
    { outcome: 'bury', error: 'full of \uFFFD' },
  ])
})
