import type { App, CommandInput } from 'glueful'
import { fail } from '../errors.ts'

/** A text option; undefined when it was not given. */
export function textOption({ options }: CommandInput, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** @throws `COMMAND_INPUT_INVALID` when it is missing */
export function requiredText(input: CommandInput, name: string): string {
  const value = textOption(input, name)
  if (value === undefined) throw fail('COMMAND_INPUT_INVALID', { reason: `--${name}=… is missing` })
  return value
}

/** The first positional argument. */
export function requiredArgument({ args }: CommandInput, name: string): string {
  const [value] = args
  if (value === undefined) throw fail('COMMAND_INPUT_INVALID', { reason: `${name} is missing` })
  return value
}

/** Between commas. */
export function listOption(input: CommandInput, name: string): readonly string[] {
  return (textOption(input, name) ?? '').split(',').filter((one) => one !== '')
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `30m`, `24h`, `90d`, in ms. */
export function durationOption(input: CommandInput, name: string): number | undefined {
  const text = textOption(input, name)
  if (text === undefined) return undefined
  const match = /^(\d{1,6})([smhd])$/.exec(text)
  if (match === null) throw fail('COMMAND_INPUT_INVALID', { reason: `--${name} is ${JSON.stringify(text)}, not a duration such as 30m, 24h or 90d` })
  return Number(match[1]) * (units[match[2] as string] as number)
}

/** The application, started without serving. */
export async function started({ app }: CommandInput): Promise<App> {
  await app.ready()
  return app
}
