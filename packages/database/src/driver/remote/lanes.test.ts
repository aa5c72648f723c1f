import { describe, expect, test } from 'vitest'
import { createPool } from '../../connection/pool.ts'
import { sql } from '../../sql/sql.ts'
import { describeDialects } from '../../testing/describe-dialects.ts'
import { createLanes } from './lanes.ts'
import type { RemoteSession } from './remote-driver.ts'

function lanes(max: number) {
  const opened: { broken: boolean; busySince: number | undefined }[] = []
  const pool = createPool<RemoteSession>({
    open: () => {
      const session = { broken: false, busySince: undefined }
      opened.push(session)
      return session as unknown as RemoteSession
    },
    close: () => undefined,
    max,
    acquireTimeout: 1_000,
  })
  return { pool, shared: createLanes(pool), opened }
}

test('two connections are shared by many, and come back when the last has left', () => {
  const { pool, shared, opened } = lanes(4)
  const sessions = Array.from({ length: 10 }, () => shared.acquire() as RemoteSession)
  expect(opened).toHaveLength(2)
  for (const session of sessions) expect(shared.release(session)).toBe(true)
  expect([pool.inUse, pool.idle]).toEqual([0, 2])
  expect(shared.release(sessions[0] as RemoteSession)).toBe(false)
})

test('a connection that is deep, slow or broken is not shared further', () => {
  const { shared, opened } = lanes(10)
  for (let index = 0; index < 16; index++) shared.acquire()
  expect(opened).toHaveLength(2)
  shared.acquire()
  expect(opened).toHaveLength(3)
  for (const session of opened) session.busySince = performance.now() - 1_000
  shared.acquire()
  expect(opened).toHaveLength(4)
  ;(opened[3] as { broken: boolean }).broken = true
  shared.acquire()
  expect(opened).toHaveLength(5)
})

test('nobody shares while somebody waits for a connection of their own', async () => {
  const { pool, shared } = lanes(2)
  const [first, second] = [shared.acquire() as RemoteSession, shared.acquire() as RemoteSession]
  const exclusive = pool.acquire() as Promise<RemoteSession>
  const late = shared.acquire() as Promise<RemoteSession>
  expect(pool.waiting).toBe(2)
  shared.release(first)
  expect(await exclusive).toBe(first)
  shared.release(second)
  expect(await late).toBe(second)
})

await describeDialects(
  describe,
  ({ open }) => {
    test('many reads at once give each the answer to its own question, errors included', async () => {
      await using place = await open({ poolMax: 4 })
      const { db } = place
      const ask = async (n: number) => (n % 10 === 7 ? db.first(sql`select 1 / ${0}::int as n`) : db.first(sql`select ${n}::int as n`))
      for (let warm = 0; warm < 10; warm++) await ask(warm).catch(() => undefined)
      const answers = await Promise.allSettled([
        ...Array.from({ length: 300 }, (_, n) => ask(n)),
        db.transaction(() => ask(1)),
        db.all(sql`select pg_sleep(0.05)`),
      ])
      answers.slice(0, 300).forEach((answer, n) => {
        if (n % 10 === 7) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'VALUE_REJECTED' } })
        else expect(answer).toEqual({ status: 'fulfilled', value: { n } })
      })
      expect(answers.slice(300).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    })
  },
  ['postgres'],
)
