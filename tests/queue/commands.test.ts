import { job, type AnyJob } from '@glueful/queue'
import { expect, test } from 'vitest'
import { queueCommands } from '../../packages/queue/src/commands/queue-commands.ts'
import { openQueue } from './open-queue.ts'

async function run(
  name: string,
  options: Record<string, string | boolean>,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  jobs: readonly AnyJob[] = [],
) {
  await using open = await openQueue({ jobs }, { env })
  const command = queueCommands.find((one) => one.name === name)
  const lines: string[] = []
  const code = await command?.run({ app: open.app, args, options, print: (text) => void lines.push(text) })
  return { code, lines }
}

test('options of commands are checked before anything is done', async () => {
  const wrong = { code: 'QUEUE_OPTION_INVALID' }
  await expect(run('queue work', { concurency: '2' })).rejects.toMatchObject(wrong)
  await expect(run('queue work', { max: '0' })).rejects.toMatchObject(wrong)
  await expect(run('queue work', { min: '4', max: '2' })).rejects.toMatchObject(wrong)
  await expect(run('queue status', { jsn: true })).rejects.toMatchObject(wrong)
  await expect(run('queue pause', {})).rejects.toMatchObject(wrong)
  await expect(run('queue work', { queue: 'a:0' })).rejects.toMatchObject({ code: 'JOB_OPTION_INVALID' })
})

test('a worker for a queue that no job is for says so: most likely its name is a slip', async () => {
  const mail = job('mail', { queue: 'emails' }, () => {}) as unknown as AnyJob
  await using open = await openQueue({ jobs: [mail] })
  const work = queueCommands.find(({ name }) => name === 'queue work')
  const said = async (queue: string) => {
    await work?.run({ app: open.app, args: [], options: { queue, 'stop-when-empty': true }, print: () => undefined })
    return open.logs().filter(({ msg }) => msg.startsWith('No job is for this queue'))
  }
  expect(await said('emails,default')).toEqual([])
  expect(await said('emials,default')).toMatchObject([{ queue: 'emials', suggestion: 'emails' }])
})

test('there is nothing to work on where jobs run at once', async () => {
  await expect(run('queue work', {}, [], { QUEUE_DRIVER: 'sync' })).rejects.toMatchObject({ code: 'QUEUE_DRIVER_WITHOUT_WORKERS' })
})

test('a queue that jobs name is listed before anything is stored in it', async () => {
  const jobs = [job('mail', { queue: 'emails' }, () => {}) as unknown as AnyJob]
  expect(await run('queue status', {}, [], {}, jobs)).toEqual({ code: undefined, lines: ['emails  empty'] })
  expect((await run('queue status', {})).lines).toEqual([expect.stringMatching(/^There are no queues/)])
})
