import type { CommandInput } from 'glueful'
import { fail } from '../errors.ts'
import { MigrationSetup } from '../migrations/migration-setup.ts'

/** What the commands of the data layer work with; nothing of the application is started. */
export function setupOf({ app }: CommandInput): MigrationSetup {
  // Puts the application together, so that services without a start are there.
  app.log()
  return app.use(MigrationSetup)
}

/** @throws `COMMAND_REFUSED` in production without `--force` */
export function requireForce(input: CommandInput, setup: MigrationSetup, command: string, danger: string): void {
  if (setup.environment === 'production' && input.options['force'] !== true) throw fail('COMMAND_REFUSED', { command, danger })
}

/** @throws `COMMAND_ARGUMENT_INVALID` */
export function wholeNumber(input: CommandInput, option: string): number | undefined {
  const given = input.options[option]
  if (given === undefined) return undefined
  const number = Number(given)
  if (!Number.isInteger(number) || number < 1)
    throw fail('COMMAND_ARGUMENT_INVALID', { what: `--${option}`, found: String(given), expected: 'a whole number from 1' })
  return number
}

export const jsonOption = { json: 'Print JSON' } as const
export const forceOption = { force: 'Also in production' } as const

/** Columns aligned by their widest cell. */
export function renderColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
