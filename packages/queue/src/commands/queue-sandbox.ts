import { readFileSync } from 'node:fs'
import type { Command, CommandInput, Duration, SandboxAnswer } from 'glueful'
import type { SandboxRun } from '../dead-letters/sandbox-run.ts'
import { fail } from '../errors.ts'
import { Queue } from '../queue/queue.ts'
import { requireKnown, textOption } from './read-options.ts'

const command = 'queue sandbox'
const options = {
  payload: { summary: 'Instead of the stored payload, and not kept: JSON, or @ and a file', value: 'JSON' },
  answers: { summary: 'What requests are answered, by "METHOD /path": JSON, or @ and a file (default: 200 and {})', value: 'JSON' },
  timeout: { summary: 'How long it may take, at most 60s (default: as the job, at most 20s)', value: 'DURATION' },
  json: 'Print JSON',
}

/** `undefined` where it is left out; JSON is never undefined. */
function jsonOption(given: CommandInput['options'], option: 'payload' | 'answers'): unknown {
  const text = textOption(command, given, option)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text)
  } catch (cause) {
    const found = cause instanceof Error ? (cause.message.split('\n', 1)[0] as string) : String(cause)
    throw fail('QUEUE_OPTION_INVALID', { command, option, found, expected: 'JSON, or @ and the path of a file with JSON' })
  }
}

const ms = (time: number) => `${time.toFixed(1)} ms`

function verdictOf({ job, outcome, sameCause, error, durationMs }: SandboxRun): string {
  const how = outcome === 'failed' ? `failed${sameCause ? ', for the same cause as before' : ''}: ${error?.name}: ${error?.message}` : outcome
  return `${job} ${how} after ${ms(durationMs)}. Nothing is kept.`
}

function linesOf(run: SandboxRun): string[] {
  const { result, error, effects, effectCount, queries, queryCount, logs, logCount } = run
  const part = (title: string, count: number, lines: readonly string[]) =>
    count === 0 ? [] : ['', `${title}: ${count}${count > lines.length ? `, the first ${lines.length} of them` : ''}`, ...lines.map((line) => `  ${line}`)]
  return [
    verdictOf(run),
    ...(result === undefined ? [] : ['', `Result: ${JSON.stringify(result)}`]),
    ...part(
      'Held back',
      effectCount,
      effects.map(({ kind, summary, detail }) => `${kind}  ${summary}${detail === undefined ? '' : `  ${JSON.stringify(detail)}`}`),
    ),
    ...part(
      'Queries, rolled back',
      queryCount,
      queries.map(({ text, ms: took, place, failed }) =>
        [
          took === undefined ? 'under way' : ms(took),
          text.replaceAll(/\s+/g, ' '),
          ...(place === undefined ? [] : [`at ${place}`]),
          ...(failed === undefined ? [] : [failed]),
        ].join('  '),
      ),
    ),
    ...part(
      'Log',
      logCount,
      logs.map(({ level, message, fields }) => `${level}  ${message}  ${JSON.stringify(fields)}`),
    ),
    ...(error?.stack === undefined ? [] : ['', error.stack]),
  ]
}

export const queueSandbox: Command = {
  name: command,
  summary: 'Run a dead letter once more without keeping any effect, and show what it did',
  arguments: 'ID',
  options,
  run: async ({ app, args, options: given, print }) => {
    requireKnown(command, given, options)
    const [id] = args
    if (id === undefined || args.length > 1)
      throw fail('QUEUE_OPTION_INVALID', { command, option: 'id', found: `${args.length} ids`, expected: 'the id of one dead letter' })
    const payload = jsonOption(given, 'payload')
    const answers = jsonOption(given, 'answers')
    const timeout = textOption(command, given, 'timeout')
    await app.ready()
    const run = await app.use(Queue).deadLetters.sandbox(
      id,
      {
        ...(payload === undefined ? undefined : { payload }),
        ...(answers === undefined ? undefined : { answers: answers as Record<string, SandboxAnswer> }),
        ...(timeout === undefined ? undefined : { timeout: timeout as Duration }),
      },
      { id: null },
    )
    if (given['json'] === true) print(JSON.stringify(run, null, 2))
    else for (const line of linesOf(run)) print(line)
    return run.outcome === 'completed' || run.outcome === 'skipped' ? 0 : 1
  },
}
