import type { Command } from 'glueful'
import { suggest } from 'glueful/errors'
import { fail } from './errors.ts'

/** What every command takes. */
const always = ['app', 'interaction']

/**
 * The arguments and options of an application's command. An option that needs a value takes it after `=` or as the next
 * word; `--` ends the options.
 * @param names of all commands, for "did you mean"
 * @throws `COMMAND_ARGUMENT_UNKNOWN`, `COMMAND_OPTION_UNKNOWN`, `COMMAND_OPTION_INVALID`
 */
export function parseAppOptions(
  command: Command,
  words: readonly string[],
  names: readonly string[],
): { args: string[]; options: Record<string, string | boolean> } {
  const parsed = readWords(command, words)
  refuseSurplus(command.name, parsed.args, mostArguments(command.arguments), names)
  return parsed
}

/** `migrate stauts` must not migrate: what a command does not take, it refuses. */
export function refuseSurplus(command: string, args: readonly string[], most: number, names: readonly string[]): void {
  const argument = args[most]
  if (argument === undefined) return
  const longer = names.filter((name) => name.startsWith(`${command} `))
  throw fail('COMMAND_ARGUMENT_UNKNOWN', { command, argument, suggestion: most > 0 ? undefined : suggest(`${command} ${argument}`, longer) })
}

/** `[ID…]` is any number. */
const mostArguments = (shown = '') => (shown.includes('…') ? Infinity : shown.split(' ').filter((word) => word !== '').length)

function readWords(command: Command, words: readonly string[]): { args: string[]; options: Record<string, string | boolean> } {
  const declared = command.options ?? {}
  const args: string[] = []
  const options: Record<string, string | boolean> = {}
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (word === '--') return { args: [...args, ...words.slice(at + 1)], options }
    if (!word.startsWith('-')) {
      args.push(word)
      continue
    }
    const [, typed = word.replace(/^-+/, ''), value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    const name = typed.startsWith('no-') && declared[typed] === undefined ? typed.slice(3) : typed
    const option = declared[name]
    if (option === undefined && !always.includes(name)) {
      throw fail('COMMAND_OPTION_UNKNOWN', {
        command: command.name,
        option: word.split('=', 1)[0] as string,
        suggestion: suggest(typed, [...Object.keys(declared), 'help']),
      })
    }
    const needsValue = typeof option === 'object'
    const next = words[at + 1]
    if (needsValue && value === undefined && next !== undefined && !next.startsWith('-')) {
      options[name] = next
      at++
    } else if (needsValue && (value === undefined || value === '')) {
      throw fail('COMMAND_OPTION_INVALID', { option: name, found: '', expected: `a value, --${name}=${option.value}` })
    } else if (name !== 'app') options[name] = value ?? typed === name
  }
  return { args, options }
}
