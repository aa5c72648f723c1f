import type { Environment } from '../environment.ts'
import { listSettings, type Settings } from './define-settings.ts'
import { linesOf, parseDotenvEntries, renderDotenvValue, type DotenvEntry } from './parse-dotenv.ts'
import { defaultTextFor, isRequired, type Setting } from './setting.ts'

const header = `# Settings of this application; written by: glueful env sync
# The comment right above a setting is written from its declaration; set your own apart by an empty line.
`

/** `.env.example` as the settings say: each with its description, what it accepts and its default. */
export function renderEnvExample(definitions: readonly Settings[]): string {
  return [header, ...[...declaredNames(definitions).values()].map((setting) => `${renderSetting(setting).join('\n')}\n`)].join('\n')
}

interface Piece {
  /** Of the declared setting that it holds. */
  readonly name?: string
  readonly lines: string[]
}

/**
 * Brings an existing `.env.example` up to date. Settings keep their places; lines that no setting knows and comments set
 * apart stay; new settings come after the one that is declared before them; values of secrets are taken out.
 * @throws `DOTENV_MALFORMED`
 */
export function syncEnvExample(existing: string, definitions: readonly Settings[]): string {
  if (existing.trim() === '') return renderEnvExample(definitions)
  const known = declaredNames(definitions)
  const pieces = splitExample(existing, known)
  let after = pieces.findIndex((piece) => piece.name !== undefined) - 1
  if (after === -2) after = pieces.length - 1
  for (const [name, setting] of known) {
    const there = pieces.findIndex((piece) => piece.name === name)
    if (there !== -1) {
      after = there
      continue
    }
    pieces.splice(after + 1, 0, { lines: [''] }, { name, lines: renderSetting(setting) }, { lines: [''] })
    after += 2
  }
  const text = pieces.flatMap((piece) => piece.lines).join('\n')
  return `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`
}

function splitExample(existing: string, known: ReadonlyMap<string, Setting>): Piece[] {
  const lines = linesOf(existing)
  const pieces: Piece[] = []
  const seen = new Set<string>()
  let next = 0
  for (const entry of parseDotenvEntries(existing, '.env.example')) {
    const before = lines.slice(next, entry.firstLine - 1)
    const own = lines.slice(entry.firstLine - 1, entry.lastLine)
    next = entry.lastLine
    const setting = known.get(entry.name)
    if (setting === undefined) {
      pieces.push({ lines: [...before, ...own] })
      continue
    }
    while (before.at(-1)?.trimStart().startsWith('#') === true) before.pop()
    pieces.push({ lines: before })
    if (!seen.has(entry.name)) pieces.push({ name: entry.name, lines: [...renderComment(setting), ...syncAssignment(setting, entry, own)] })
    seen.add(entry.name)
  }
  return [...pieces, { lines: lines.slice(next) }]
}

function syncAssignment(setting: Setting, { value }: DotenvEntry, own: readonly string[]): readonly string[] {
  if (isExampleValue(setting, value)) return own
  const remark = own.length === 1 ? (/^[^"'`#]*(\s#.*)$/.exec(own[0] as string)?.[1] ?? '') : ''
  return [`${renderAssignment(setting)}${remark}`]
}

/** What stands behind `NAME=` in an example: nothing where it depends on the environment or must not be known. */
export function exampleText(setting: Setting): string {
  return setting.secret || Object.keys(setting.defaultTextIn).length > 0 ? '' : (setting.defaultText ?? '')
}

/** Whether a value may stand in an example: the default, or what shows how a value looks. */
export function isExampleValue(setting: Setting, value: string): boolean {
  return value === exampleText(setting) || (exampleText(setting) === '' && value === setting.options.example)
}

/** The settings of several definitions by name; of one declared more than once, the first that is described. */
export function declaredNames(definitions: readonly Settings[]): Map<string, Setting> {
  const names = new Map<string, Setting>()
  for (const setting of listSettings(definitions)) {
    const there = names.get(setting.name)
    if (there === undefined || (there.options.describe === undefined && setting.options.describe !== undefined)) names.set(setting.name, setting)
  }
  return names
}

function renderSetting(setting: Setting): string[] {
  return [...renderComment(setting), renderAssignment(setting)]
}

function renderAssignment(setting: Setting): string {
  return `${setting.name}=${renderDotenvValue(exampleText(setting))}`
}

function renderComment(setting: Setting): string[] {
  const remarks = [setting.expected, ...presenceOf(setting), ...(setting.secret ? [`or ${setting.name}_FILE names a file that holds it`] : [])]
  return [setting.options.describe ?? [], remarks.join('; ')]
    .flat()
    .flatMap((text) => linesOf(text))
    .map((line) => `# ${line}`.trimEnd())
}

function presenceOf(setting: Setting): string[] {
  const environments: readonly Environment[] = ['development', 'test', 'production']
  const required = environments.filter((environment) => isRequired(setting, environment))
  const needed = required.length === 0 ? [] : [required.length === environments.length ? 'required' : `required in ${required.join(' and ')}`]
  if (setting.secret || Object.keys(setting.defaultTextIn).length === 0) return needed
  const defaults = environments
    .filter((environment) => !required.includes(environment))
    .map((environment) => [environment, defaultTextFor(setting, environment)] as const)
  const named = defaults.filter(([, text]) => text !== undefined).map(([environment, text]) => `${renderDotenvValue(text as string)} in ${environment}`)
  return [...needed, ...(named.length === 0 ? [] : [`default: ${named.join(', ')}`])]
}
