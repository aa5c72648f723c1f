import { parseDuration, type Command, type Duration } from 'glueful'
import type { Explanation } from '../explain/diagnose.ts'
import { fail } from '../errors.ts'
import { Queue } from '../queue/queue.ts'
import { requireKnown, textOption } from './read-options.ts'

const explainOptions = { target: { summary: 'Within what time the backlog should be gone (default: 5m)', value: 'DURATION' }, json: 'Print JSON' }

/** `glueful queue explain QUEUE`: what holds a queue back, with the evidence. */
export const queueExplain: Command = {
  name: 'queue explain',
  summary: 'Say what holds a queue back',
  arguments: 'QUEUE',
  options: explainOptions,
  run: async ({ app, args, options, print }) => {
    requireKnown('queue explain', options, explainOptions)
    const [queue] = args
    if (queue === undefined)
      throw fail('QUEUE_OPTION_INVALID', { command: 'queue explain', option: 'QUEUE', found: 'missing', expected: 'the name of a queue' })
    const target = textOption('queue explain', options, 'target') ?? '5m'
    await app.ready()
    const explanation = await app.use(Queue).explain(queue, { target: parseDuration(target as Duration, '--target') })
    print(options['json'] === true ? JSON.stringify(explanation, null, 2) : render(explanation))
  },
}

function render(explanation: Explanation): string {
  const { queue, backlog, oldestSeconds, findings, drainSeconds, placesNeeded, placesNow, targetSeconds } = explanation
  const eta = backlog === 0 ? 'nothing waits' : drainSeconds === undefined ? 'it does not shrink' : `gone in ${Math.round(drainSeconds)} s as things are`
  const lines = [
    `${queue}: ${backlog} jobs wait, the oldest for ${Math.round(oldestSeconds)} s; ${eta}.`,
    `${explanation.arrivalsPerSecond.toFixed(1)}/s come in, ${explanation.throughputPerSecond.toFixed(1)}/s end, ${placesNow} places.`,
  ]
  if (placesNeeded !== undefined && backlog > 0) lines.push(`${placesNeeded} places would bring it down within ${targetSeconds} s.`)
  for (const { cause, evidence, advice } of findings) lines.push('', `${cause}: ${evidence}`, `  ${advice}`)
  if (findings.length === 0) lines.push('', 'Nothing holds it back.')
  return lines.join('\n')
}
