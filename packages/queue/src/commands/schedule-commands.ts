import type { Command, CommandInput } from 'glueful'
import { fail } from '../errors.ts'
import { QueueService } from '../queue/queue-parts.ts'
import { requireKnown, textOption, wholeOption } from './read-options.ts'

const listOptions = { json: 'Print JSON' }
const testOptions = {
  count: { summary: 'How many times (default: 5)', value: 'N' },
  from: { summary: 'After this time, such as 2026-03-28T00:00:00Z (default: now)', value: 'TIME' },
}
const iso = (at: number | undefined) => (at === undefined ? 'never' : new Date(at).toISOString())

async function partsOf({ app }: CommandInput) {
  await app.ready()
  return app.use(QueueService)
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** `every 900000` is kept; a person reads `every 15m`. */
function shown(definition: string): string {
  const ms = Number(/^every (\d+)$/.exec(definition)?.[1])
  const [unit, size] = units.find(([, each]) => ms % each === 0) ?? []
  return size === undefined ? definition : `every ${ms / size}${unit}`
}

const scheduleList: Command = {
  name: 'schedule list',
  summary: 'List schedules with their next and last times',
  options: listOptions,
  run: async (input) => {
    requireKnown('schedule list', input.options, listOptions)
    const list = await (await partsOf(input)).scheduler().status()
    if (input.options['json'] === true) return void input.print(JSON.stringify(list, null, 2))
    if (list.length === 0) input.print('There are no schedules.')
    for (const { name, definition, nextAt, lastAt } of list) input.print(`${name}  ${shown(definition)}  next ${iso(nextAt)}  last ${iso(lastAt)}`)
  },
}

const scheduleRun: Command = {
  name: 'schedule run',
  summary: 'Dispatch a schedule now',
  arguments: 'NAME',
  run: async (input) => {
    requireKnown('schedule run', input.options, {})
    const { jobId } = await (await partsOf(input)).scheduler().runNow(nameOf('schedule run', input))
    input.print(`Dispatched as ${jobId}.`)
  },
}

const scheduleTest: Command = {
  name: 'schedule test',
  summary: 'Print the next times of a schedule, without running it',
  arguments: 'NAME',
  options: testOptions,
  run: async (input) => {
    requireKnown('schedule test', input.options, testOptions)
    const count = wholeOption('schedule test', input.options, 'count', 1, 1_000) ?? 5
    const from = textOption('schedule test', input.options, 'from')
    const name = nameOf('schedule test', input)
    const { schedules } = await partsOf(input)
    const schedule = schedules.find((one) => one.name === name)
    if (schedule === undefined) throw fail('SCHEDULE_UNKNOWN', { name, known: schedules.map((one) => one.name) })
    let at: number | undefined = from === undefined ? Date.now() : Date.parse(from)
    if (Number.isNaN(at)) throw fail('QUEUE_OPTION_INVALID', { command: 'schedule test', option: 'from', found: JSON.stringify(from), expected: 'a time' })
    for (let index = 0; index < count; index++) {
      at = schedule.next(at)
      if (at === undefined) break
      input.print(`${iso(at)}${schedule.excluded(at) ? '  skipped: in a maintenance window' : ''}`)
    }
  },
}

function nameOf(command: string, { args }: CommandInput): string {
  const [name] = args
  if (name === undefined) throw fail('QUEUE_OPTION_INVALID', { command, option: 'NAME', found: 'missing', expected: 'the name of a schedule' })
  return name
}

export const scheduleCommands: readonly Command[] = [scheduleList, scheduleRun, scheduleTest]
