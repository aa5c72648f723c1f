import type { CommandInput } from 'glueful'
import { fail } from '../errors.ts'

type Options = CommandInput['options']

/** @throws `QUEUE_OPTION_INVALID` for a name that the command does not have */
export function requireKnown(command: string, options: Options, known: Readonly<Record<string, unknown>>): void {
  for (const option of Object.keys(options)) {
    if (!(option in known)) throw fail('QUEUE_OPTION_INVALID', { command, option, found: 'unknown', expected: `one of ${Object.keys(known).join(', ')}` })
  }
}

export function textOption(command: string, options: Options, option: string): string | undefined {
  const found = options[option]
  if (found === undefined || typeof found === 'string') return found
  throw fail('QUEUE_OPTION_INVALID', { command, option, found: String(found), expected: `a value: --${option}=…` })
}

export function wholeOption(command: string, options: Options, option: string, min: number, max: number): number | undefined {
  const text = textOption(command, options, option)
  if (text === undefined) return undefined
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= min && number <= max) return number
  throw fail('QUEUE_OPTION_INVALID', { command, option, found: JSON.stringify(text), expected: `a whole number from ${min} to ${max}` })
}
