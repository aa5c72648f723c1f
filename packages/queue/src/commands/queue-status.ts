import type { Command } from 'glueful'
import { fail } from '../errors.ts'
import { QueueService } from '../queue/queue-parts.ts'
import type { QueueStatus } from '../queue/queue.ts'
import { requireKnown } from './read-options.ts'

const statusOptions = { json: 'Print JSON' }

/** `glueful queue status`: what waits where, and who works. */
export const queueStatus: Command = {
  name: 'queue status',
  summary: 'Show what waits in which queue, and the workers',
  options: statusOptions,
  run: async ({ app, options, print }) => {
    requireKnown('queue status', options, statusOptions)
    await app.ready()
    const { queue: all } = app.use(QueueService)
    const [depths, workers] = await Promise.all([all.depths(), all.workers()])
    if (options['json'] === true) {
      print(JSON.stringify({ queues: depths, workers }, null, 2))
      return
    }
    if (depths.length === 0) print('There are no queues: no job is known, and none is stored.')
    for (const { queue, states, paused, oldestAt, limits } of depths) {
      const counts = Object.entries(states).map(([state, count]) => `${state} ${count}`)
      const age = oldestAt === undefined ? [] : [`oldest ${Math.max(0, Math.round((Date.now() - oldestAt) / 1_000))} s`]
      print([queue, ...(paused ? ['paused'] : []), ...(counts.length === 0 ? ['empty'] : counts), ...age, ...limitsOf(limits)].join('  '))
    }
    for (const { id, state, running, concurrency, done, failed } of workers)
      print(`worker ${id}  ${state}  ${running}/${concurrency} running  ${done} done  ${failed} failed`)
  },
}

function limitsOf(limits: QueueStatus['limits']): string[] {
  const texts: string[] = []
  if (limits?.concurrency !== undefined) texts.push(`${limits.concurrency.active}/${limits.concurrency.limit} places`)
  if (limits?.rate !== undefined) texts.push(`${limits.rate.used}/${limits.rate.limit} started in ${limits.rate.perMs / 1_000} s`)
  return texts
}

const control = (word: 'pause' | 'resume', summary: string): Command => ({
  name: `queue ${word}`,
  summary,
  arguments: 'QUEUE',
  run: async ({ app, args, options, print }) => {
    requireKnown(`queue ${word}`, options, {})
    const [queue] = args
    if (queue === undefined)
      throw fail('QUEUE_OPTION_INVALID', { command: `queue ${word}`, option: 'QUEUE', found: 'missing', expected: 'the name of a queue' })
    await app.ready()
    await app.use(QueueService).engine[word](queue)
    print(word === 'pause' ? `${queue} gives out no jobs until it is resumed.` : `${queue} gives out jobs.`)
  },
})

export const queuePause: Command = control('pause', 'Keep a queue from giving out jobs')
export const queueResume: Command = control('resume', 'Let a paused queue go on')
