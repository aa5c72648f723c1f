import { Redaction, type Command, type CommandInput } from 'glueful'
import type { DeadLetterSelection } from '../dead-letters/dead-letter.ts'
import { fail } from '../errors.ts'
import { Queue } from '../queue/queue.ts'
import { requireKnown, textOption, wholeOption } from './read-options.ts'

const selecting = {
  group: { summary: 'Those of one cause, by its fingerprint', value: 'FINGERPRINT' },
  job: { summary: 'Those of one job', value: 'NAME' },
  queue: { summary: 'Those of one queue', value: 'NAME' },
  all: 'All of them',
}
const listOptions = {
  job: selecting.job,
  queue: selecting.queue,
  group: selecting.group,
  json: 'Print JSON',
  limit: { summary: 'At most so many (default: 50)', value: 'N' },
}
const retryOptions = {
  ...selecting,
  rate: { summary: 'Jobs a second (default: all at once)', value: 'N' },
  'stop-after': { summary: 'Stop when so many have failed for good again', value: 'N' },
}
const resolveOptions = { ...selecting, note: { summary: 'What was done about it', value: 'TEXT' } }
const flushOptions = { 'older-than': { summary: 'Only those that were settled so many days ago (default: 0)', value: 'DAYS' } }
const actor = { id: null }

async function lettersOf({ app }: CommandInput) {
  await app.ready()
  return app.use(Queue).deadLetters
}

function selectionOf(command: string, { args, options }: CommandInput): DeadLetterSelection {
  const [fingerprint, job, queue] = ['group', 'job', 'queue'].map((option) => textOption(command, options, option))
  const selection = {
    ...(args.length === 0 ? undefined : { ids: args }),
    ...(fingerprint === undefined ? undefined : { fingerprint }),
    ...(job === undefined ? undefined : { job }),
    ...(queue === undefined ? undefined : { queue }),
    ...(options['all'] === true ? { all: true as const } : undefined),
  }
  if (Object.keys(selection).length === 0) throw fail('DEAD_LETTER_SELECTION_EMPTY', undefined)
  return selection
}

const queueFailed: Command = {
  name: 'queue failed',
  summary: 'List dead letters by cause; with an id, show one',
  arguments: '[ID]',
  options: listOptions,
  run: async (input) => {
    const { args, options, print } = input
    requireKnown('queue failed', options, listOptions)
    const letters = await lettersOf(input)
    const redact = input.app.use(Redaction)
    const [job, queue, fingerprint] = ['job', 'queue', 'group'].map((option) => textOption('queue failed', options, option))
    const only = { ...(job === undefined ? undefined : { job }), ...(queue === undefined ? undefined : { queue }) }
    const [id] = args
    if (id !== undefined) {
      const letter = await letters.find(id)
      if (letter === undefined) throw fail('DEAD_LETTER_UNKNOWN', { id, state: undefined })
      print(JSON.stringify({ ...letter, ...redact({ payload: letter.payload }) }, null, 2))
      return
    }
    if (fingerprint !== undefined) {
      const list = await letters.list({ ...only, fingerprint, limit: wholeOption('queue failed', options, 'limit', 1, 500) ?? 50 })
      if (options['json'] === true)
        print(
          JSON.stringify(
            list.map((letter) => ({ ...letter, ...redact({ payload: letter.payload }) })),
            null,
            2,
          ),
        )
      else
        for (const { id, job, error, failedAt } of list)
          print(`${id}  ${new Date(failedAt).toISOString()}  ${job}  ${error.name}: ${error.message.slice(0, 120)}`)
      return
    }
    const groups = await letters.groups(only)
    if (options['json'] === true) return void print(JSON.stringify(groups, null, 2))
    if (groups.length === 0) print('There are no dead letters.')
    for (const { fingerprint, count, job, error, lastAt } of groups) {
      print(`${fingerprint}  ${count}×  last ${new Date(lastAt).toISOString()}  ${job}  ${error.name}: ${error.message.slice(0, 120)}`)
    }
  },
}

const queueRetry: Command = {
  name: 'queue retry',
  summary: 'Queue dead letters again: ids, a group, a job, a queue or all',
  arguments: '[ID…]',
  options: retryOptions,
  run: async (input) => {
    const { options, print } = input
    requireKnown('queue retry', options, retryOptions)
    const selection = selectionOf('queue retry', input)
    const rate = wholeOption('queue retry', options, 'rate', 1, 100_000)
    const stopAfter = wholeOption('queue retry', options, 'stop-after', 1, 1_000_000)
    const letters = await lettersOf(input)
    const { count, redrive } = await letters.retry(
      selection,
      { ...(rate === undefined ? undefined : { rate }), ...(stopAfter === undefined ? undefined : { stopAfter }) },
      actor,
    )
    print(count === 0 ? 'No open dead letter is meant; nothing was queued.' : `${count} queued again, as redrive ${redrive}.`)
    return count === 0 ? 1 : 0
  },
}

const queueResolve: Command = {
  name: 'queue resolve',
  summary: 'Close dead letters with a note',
  arguments: '[ID…]',
  options: resolveOptions,
  run: async (input) => {
    requireKnown('queue resolve', input.options, resolveOptions)
    const selection = selectionOf('queue resolve', input)
    const note = textOption('queue resolve', input.options, 'note')
    if (note === undefined)
      throw fail('QUEUE_OPTION_INVALID', { command: 'queue resolve', option: 'note', found: 'missing', expected: 'what was done about it' })
    const count = await (await lettersOf(input)).resolve(selection, note, actor)
    input.print(`${count} resolved.`)
    return count === 0 ? 1 : 0
  },
}

const queueForget: Command = {
  name: 'queue forget',
  summary: 'Remove dead letters without running them',
  arguments: '[ID…]',
  options: selecting,
  run: async (input) => {
    requireKnown('queue forget', input.options, selecting)
    const selection = selectionOf('queue forget', input)
    const count = await (await lettersOf(input)).discard(selection, actor)
    input.print(`${count} removed.`)
    return count === 0 ? 1 : 0
  },
}

const queueFlush: Command = {
  name: 'queue flush',
  summary: 'Remove dead letters that were retried or resolved',
  options: flushOptions,
  run: async (input) => {
    requireKnown('queue flush', input.options, flushOptions)
    const days = wholeOption('queue flush', input.options, 'older-than', 0, 36_500) ?? 0
    const count = await (await lettersOf(input)).purge(Date.now() - days * 86_400_000 + (days === 0 ? 1 : 0))
    input.print(`${count} removed.`)
  },
}

export const deadLetterCommands: readonly Command[] = [queueFailed, queueRetry, queueResolve, queueForget, queueFlush]
