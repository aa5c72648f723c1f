import { GluefulError, suggest } from 'glueful/errors'
import { parseArgs, type ArgDef, type ArgsDef } from 'citty'
import { listAppCommands, runAppCommand } from './app-commands.ts'
import type { BuiltInCommand } from './command-definition.ts'
import { fail } from './errors.ts'
import { refuseSurplus } from './parse-app-options.ts'
import { registry } from './registry.ts'
import { renderError } from './render-error.ts'
import { renderCommandHelp, renderHelp } from './render-help.ts'

/** Exit codes: 0 done, 1 the command found something wrong or failed, 2 it was called wrongly. */
export async function main(argv: readonly string[]): Promise<number | undefined> {
  try {
    return await dispatch(argv)
  } catch (error) {
    if (!(error instanceof GluefulError)) throw error
    process.stderr.write(renderError(error))
    return error.code.startsWith('COMMAND_') ? 2 : 1
  }
}

async function dispatch(argv: readonly string[]): Promise<number | undefined> {
  const words = splitName(argv)
  const [first] = words
  if (first === 'help' && words.length > 1) return dispatch([...words.slice(1), '--help'])
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(renderHelp(await listAppCommands()))
    return 0
  }
  if (first === '--version' || first === '-v') return printVersion()
  if (first.startsWith('-')) {
    throw fail('COMMAND_OPTION_UNKNOWN', { command: '', option: first, suggestion: suggest(first.replace(/^-+/, ''), ['help', 'version']) })
  }
  const name = Object.keys(registry)
    .filter((candidate) => candidate.split(' ').every((word, index) => words[index] === word))
    .sort((a, b) => b.length - a.length)[0]
  if (name === undefined) return runAppCommand(words)
  const rest = words.slice(name.split(' ').length)
  const { command } = await (registry[name] as (typeof registry)[string]).load()
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(renderCommandHelp(name, (registry[name] as (typeof registry)[string]).summary, command))
    return 0
  }
  return command.run(parse(name, command, rest))
}

/** `env:check` is `env check`. */
function splitName(argv: readonly string[]): string[] {
  const [first, ...rest] = argv
  return first === undefined ? [] : first.startsWith('-') ? [first, ...rest] : [...first.split(':'), ...rest]
}

function parse(name: string, command: BuiltInCommand, rest: string[]) {
  const known: ArgsDef = { ...command.args, interaction: { type: 'boolean', default: true, description: 'Ask questions (--no-interaction never asks)' } }
  const names = Object.entries(known).flatMap(([option, definition]) => {
    const alias = (definition as { alias?: string | string[] }).alias
    return [option, ...(alias === undefined ? [] : [alias].flat())]
  })
  for (const [at, word] of rest.entries()) {
    const option = /^--(?:no-)?([^=]+)/.exec(word)?.[1]
    if (option === undefined) continue
    if (!names.includes(option) && !names.includes(`no-${option}`)) {
      throw fail('COMMAND_OPTION_UNKNOWN', { command: name, option: word.split('=', 1)[0] as string, suggestion: suggest(option, names) })
    }
    requireValue(option, known[option], word, rest[at + 1])
  }
  // Ours to miss: the parser's own complaint is a stack trace.
  const parsed = parseArgs(rest, Object.fromEntries(Object.entries(known).map(([argument, definition]) => [argument, lenient(definition)])))
  for (const [argument, definition] of Object.entries(known)) {
    if (definition.type === 'positional' && definition.required !== false && parsed[argument] === undefined)
      throw fail('COMMAND_ARGUMENT_MISSING', { command: name, argument: argument.toUpperCase() })
  }
  refuseSurplus(name, parsed._, Object.values(known).filter(({ type }) => type === 'positional').length, Object.keys(registry))
  return parsed as never
}

function lenient(definition: ArgDef): ArgDef {
  return definition.type === 'positional' ? { ...definition, required: false } : definition
}

/** `serve --port` would else serve on any port. */
function requireValue(option: string, definition: ArgDef | undefined, word: string, next: string | undefined): void {
  if (definition?.type !== 'string') return
  const value = word.includes('=') ? word.slice(word.indexOf('=') + 1) : next
  if (value !== undefined && value !== '' && (word.includes('=') || !value.startsWith('-'))) return
  throw fail('COMMAND_OPTION_INVALID', { option, found: '', expected: `a value, --${option}=${definition.valueHint ?? 'VALUE'}` })
}

async function printVersion(): Promise<number> {
  const { default: manifest } = (await import('@glueful/cli/package.json', { with: { type: 'json' } })) as { default: { version: string } }
  process.stdout.write(`glueful ${manifest.version} (Node ${process.versions.node})\n`)
  return 0
}
