import type { Command, CommandInput, CommandOption } from 'glueful'
import { fail } from '../errors.ts'
import { durationOption, requiredText, started, textOption } from '../commands/options.ts'
import { AuditTrail, type AuditAnchor, type AuditFilter } from './audit-trail.ts'
import { auditHeading, renderEntry } from './render-audit.ts'

const value = (name: string, summary: string): CommandOption => ({ summary, value: name })

const filterOptions: Readonly<Record<string, CommandOption>> = {
  actor: value('ID', 'What this user did'),
  action: value('NAME', 'One action, or all below it: login.*'),
  target: value('NAME', 'What was done to this'),
  result: value('RESULT', 'ok, denied or failed'),
  request: value('ID', 'What this request did: its X-Request-Id'),
  ip: value('ADDRESS', 'What came from this address'),
  from: value('TIME', 'From this time on: 2026-11-26T08:00:00Z, or 7d for the last seven days'),
  to: value('TIME', 'Up to this time'),
}

const results = ['ok', 'denied', 'failed'] as const

function timeOption(input: CommandInput, name: string): number | undefined {
  const text = textOption(input, name)
  if (text === undefined) return undefined
  if (/^\d+[smhd]$/.test(text)) return Date.now() - (durationOption(input, name) ?? 0)
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw fail('COMMAND_INPUT_INVALID', { reason: `--${name} is ${JSON.stringify(text)}, neither a time nor a duration such as 7d` })
  return time
}

function filterOf(input: CommandInput): AuditFilter {
  const wanted = textOption(input, 'result')
  const result = results.find((one) => one === wanted)
  if (wanted !== undefined && result === undefined) throw fail('COMMAND_INPUT_INVALID', { reason: `--result is ${wanted}; there are ${results.join(', ')}` })
  const filter = {
    actor: textOption(input, 'actor'),
    action: textOption(input, 'action'),
    target: textOption(input, 'target'),
    result,
    requestId: textOption(input, 'request'),
    ip: textOption(input, 'ip'),
    from: timeOption(input, 'from'),
    to: timeOption(input, 'to'),
  }
  return Object.fromEntries(Object.entries(filter).filter(([, one]) => one !== undefined))
}

function anchorOption(input: CommandInput): AuditAnchor | undefined {
  const text = textOption(input, 'anchor')
  if (text === undefined) return undefined
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq === undefined || hash === undefined) throw fail('COMMAND_INPUT_INVALID', { reason: '--anchor is not what glueful audit verify printed' })
  return { seq: Number(seq), hash }
}

/** `glueful audit …` */
export const auditCommands: readonly Command[] = [
  {
    name: 'audit list',
    summary: 'Show entries of the audit log, latest first',
    options: { ...filterOptions, limit: value('N', 'How many: 50 where it is left out') },
    run: async (input) => {
      const limit = textOption(input, 'limit') ?? '50'
      if (!/^[1-9]\d{0,4}$/.test(limit)) throw fail('COMMAND_INPUT_INVALID', { reason: `--limit is ${limit}, not a number from 1 to 99999` })
      const { items } = await (await started(input)).use(AuditTrail).search(filterOf(input), { limit: Number(limit) })
      for (const { seq, at, actor, action, target, result, ip } of items)
        input.print([seq, new Date(at).toISOString(), result, action, target ?? '–', `by ${actor ?? '–'}`, `from ${ip ?? '–'}`].join('  '))
      if (items.length === 0) input.print('There are none.')
    },
  },
  {
    name: 'audit verify',
    summary: 'Look whether somebody has changed the audit log; exits 1 when it is so',
    options: { anchor: value('SEQ:HASH', 'What an earlier verification printed: a log that was put back is found as well') },
    run: async (input) => {
      const anchor = anchorOption(input)
      const { entries, head, broken } = await (await started(input)).use(AuditTrail).verify(anchor)
      if (broken !== undefined) {
        input.print(`The audit log was changed: ${broken.reason}. ${entries} entries before that are whole.`)
        return 1
      }
      input.print(`${entries} entries are whole. Keep this outside of the database, for the next time: --anchor=${head.seq}:${head.hash}`)
      return 0
    },
  },
  {
    name: 'audit export',
    summary: 'Print the audit log, oldest first',
    options: { ...filterOptions, format: value('FORMAT', 'json (an object a line) where it is left out, or csv') },
    run: async (input) => {
      const format = textOption(input, 'format') ?? 'json'
      if (format !== 'json' && format !== 'csv') throw fail('COMMAND_INPUT_INVALID', { reason: `--format is ${format}; there are json and csv` })
      const filter = filterOf(input)
      const trail = (await started(input)).use(AuditTrail)
      const heading = auditHeading(format)
      if (heading !== undefined) input.print(heading)
      for await (const row of trail.entries(filter)) input.print(renderEntry(row, format))
    },
  },
  {
    name: 'audit prune',
    summary: 'Delete old entries; what is left can still be verified',
    options: { before: value('TIME', 'Those before this time: 400d for all that are older') },
    run: async (input) => {
      requiredText(input, 'before')
      const before = timeOption(input, 'before') as number
      const count = await (await started(input)).use(AuditTrail).prune(before)
      input.print(`${count} entries from before ${new Date(before).toISOString()} are deleted.`)
    },
  },
  {
    name: 'audit reseal',
    summary: 'Let the application go on after the audit log was changed; what was changed stays visible',
    options: { reason: value('TEXT', 'Why, for the audit log') },
    run: async (input) => {
      const reason = requiredText(input, 'reason')
      await (await started(input)).use(AuditTrail).reseal(reason)
      input.print('Entries are added again, after one that says so.')
    },
  },
]
