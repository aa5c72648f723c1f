import { appendFileSync } from 'node:fs'
import { database } from '@glueful/database'
import { job, queue, throttleExceptions, withoutOverlapping } from '@glueful/queue'
import { createApp, defineSettings, env, type Use } from 'glueful'
import { z } from 'zod'

const settings = defineSettings({ effects: env.string('EFFECTS', { describe: 'File that the jobs write to' }) })
const note = (use: Use, line: string) => appendFileSync(use(settings).effects, `${line}\n`)
const pause = (ms: number) => new Promise((resolve) => void setTimeout(resolve, ms))

/** Notes that it began and that it ended. */
export const Note = job(
  'note',
  { payload: z.object({ text: z.string(), ms: z.number().default(0) }), tries: 5, backoff: 'fixed' },
  async ({ payload, use }) => {
    note(use, `begin ${payload.text} ${process.pid}`)
    await pause(payload.ms)
    note(use, `end ${payload.text} ${process.pid}`)
  },
)

/** As `Note`, in a queue that runs two at once. */
export const Pooled = job('pooled', { payload: z.object({ ms: z.number() }), queue: 'pool' }, async ({ payload, use }) => {
  note(use, 'begin')
  await pause(payload.ms)
  note(use, 'end')
})

/** As `Note`, one at a time. */
export const Alone = job(
  'alone',
  { payload: z.object({ ms: z.number() }), tries: 1, middleware: [withoutOverlapping({ releaseAfter: 20 })] },
  async ({ payload, use }) => {
    note(use, 'begin')
    await pause(payload.ms)
    note(use, 'end')
  },
)

/** Fails; twice, and the others are held back. */
export const Flaky = job('flaky', { tries: 1, middleware: [throttleExceptions({ failures: 2, hold: '1h' })] }, ({ use }) => {
  note(use, 'flaky')
  throw new Error('503')
})

/** Kills its process. */
export const Poison = job('poison', { tries: 2 }, () => process.kill(process.pid, 'SIGKILL'))

export default createApp({
  name: 'queue-processes',
  settings,
  routes: {},
  extensions: [database(), queue({ jobs: { Note, Pooled, Alone, Flaky, Poison }, queues: { pool: { concurrency: 2 } } })],
})
