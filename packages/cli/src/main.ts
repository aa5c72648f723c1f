import { GluefulError, suggest, type App, type Command } from 'glueful'
import { parseArgs, type ArgsDef } from 'citty'
import type { BuiltInCommand } from './command-definition.ts'
import { fail } from './errors.ts'
import { loadApp } from './load-app.ts'
import { registry } from './registry.ts'
import { renderCommandHelp, renderHelp } from './render-help.ts'

/** Exit codes: 0 done, 1 the command found something wrong or failed, 2 it was called wrongly. */
export async function main(argv: readonly string[]): Promise<number | undefined> {
  try {
    return await dispatch(argv)
  } catch (error) {
    if (!(error instanceof GluefulError)) throw error
    process.stderr.write(`${error.title}: ${error.detail} ${error.fix}\n`)
    return error.code.startsWith('COMMAND_') ? 2 : 1
  }
}

async function dispatch(argv: readonly string[]): Promise<number | undefined> {
  const words = splitName(argv)
  const [first] = words
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(renderHelp())
    return 0
  }
  if (first === '--version' || first === '-v') return printVersion()
  const name = Object.keys(registry)
    .filter((candidate) => candidate.split(' ').every((word, index) => words[index] === word))
    .sort((a, b) => b.length - a.length)[0]
  if (name === undefined) return runOfApp(words)
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
  for (const word of rest) {
    const option = /^--(?:no-)?([^=]+)/.exec(word)?.[1]
    if (option !== undefined && !names.includes(option) && !names.includes(`no-${option}`)) {
      throw fail('COMMAND_OPTION_UNKNOWN', { command: name, option, suggestion: suggest(option, names) })
    }
  }
  return parseArgs(rest, known) as never
}

async function runOfApp(words: readonly string[]): Promise<number | undefined> {
  const typed = words.filter((word) => !word.startsWith('-'))
  const named = words.find((word) => word.startsWith('--app='))?.slice('--app='.length)
  let app: App
  try {
    app = await loadApp(named)
  } catch (error) {
    if (error instanceof GluefulError && error.code === 'APP_FILE_MISSING') throw unknownCommand(typed, [])
    throw error
  }
  const commands: readonly Command[] = [
    ...(app.definition.commands ?? []),
    ...(app.definition.extensions ?? []).flatMap((extension) => extension.commands ?? []),
  ]
  const command = commands.find((candidate) => candidate.name.split(/[ :]/).every((word, index) => typed[index] === word))
  if (command === undefined) throw unknownCommand(typed, commands)
  const length = command.name.split(/[ :]/).length
  if (words.includes('--help')) {
    const options = Object.entries(command.options ?? {}).map(([option, text]) => `  --${option}  ${text}\n`)
    process.stdout.write(`${command.summary}\n\nUsage: glueful ${command.name} [options]\n${options.length === 0 ? '' : `\nOptions:\n${options.join('')}`}`)
    return 0
  }
  const options: Record<string, string | boolean> = {}
  for (const word of words.filter((candidate) => candidate.startsWith('--') && !candidate.startsWith('--app='))) {
    const [, negated, option = '', value] = /^--(no-)?([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    options[option] = value ?? negated === undefined
  }
  const code = await command.run({ args: typed.slice(length), options, app, print: (text) => process.stdout.write(`${text}\n`) })
  await app.close()
  return code ?? 0
}

function unknownCommand(typed: readonly string[], commands: readonly Command[]) {
  const command = typed.slice(0, 2).join(' ')
  const names = [...Object.keys(registry), ...commands.map((candidate) => candidate.name)]
  return fail('COMMAND_UNKNOWN', { command, suggestion: suggest(command, names) ?? suggest(typed[0] ?? '', names) })
}

async function printVersion(): Promise<number> {
  const { default: manifest } = (await import('@glueful/cli/package.json', { with: { type: 'json' } })) as { default: { version: string } }
  process.stdout.write(`glueful ${manifest.version} (Node ${process.versions.node})\n`)
  return 0
}
