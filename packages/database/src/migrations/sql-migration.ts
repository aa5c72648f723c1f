import { fail } from '../errors.ts'
import { migration, type Migration } from './migration.ts'

const section = /^[ \t]*--[ \t]*(up|down)[ \t]*$/i
const remark = /^[ \t]*--[ \t]*(transaction|safe)[ \t]*:[ \t]*(.*?)[ \t]*$/i

/**
 * A migration written in SQL: `-- up` and `-- down` start its halves; `-- transaction: false` and `-- safe: reason` stand
 * anywhere. A file for one database has its name before the ending: `20261126100000_cars.postgres.sql`.
 */
export function parseSqlMigration(name: string, script: string): Migration {
  const halves: Partial<Record<'up' | 'down', string[]>> = {}
  const remarks: Partial<Record<'transaction' | 'safe', string>> = {}
  let current: 'up' | 'down' | undefined
  script.split(/\r?\n/).forEach((line, index) => {
    const half = section.exec(line)?.[1]?.toLowerCase() as 'up' | 'down' | undefined
    const [, key, value] = remark.exec(line) ?? []
    if (key !== undefined && value !== undefined) remarks[key.toLowerCase() as 'safe'] = value
    if (half !== undefined) {
      if (halves[half] !== undefined) throw invalid(name, `line ${index + 1} starts a second '-- ${half}'`)
      // Lines keep their numbers, so that messages name the place in the file.
      halves[half] = Array.from({ length: index + 1 }, () => '')
      current = half
    } else if (current !== undefined) halves[current]?.push(line)
    else if (line.trim() !== '' && !line.trim().startsWith('--')) throw invalid(name, `line ${index + 1} stands before '-- up'`)
  })
  const { up, down } = halves
  if (up === undefined || up.every((line) => line.trim() === '')) throw invalid(name, `there is nothing below '-- up'`)
  const { transaction } = remarks
  if (transaction !== undefined && !/^(?:true|false)$/i.test(transaction)) throw invalid(name, `'-- transaction: ${transaction}' is neither true nor false`)
  const undo = down?.join('\n').trim() === '' ? undefined : down?.join('\n')
  return migration(name, {
    up: (schema) => schema.sql(up.join('\n')),
    ...(undo === undefined ? {} : { down: (schema) => schema.sql(undo) }),
    ...(transaction === undefined ? {} : { transaction: transaction.toLowerCase() === 'true' }),
    ...(remarks.safe === undefined ? {} : { safe: remarks.safe }),
  })
}

const invalid = (name: string, problem: string) => fail('MIGRATION_INVALID', { name, problem })
