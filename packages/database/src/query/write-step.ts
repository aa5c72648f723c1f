import type { DialectColumn } from '../model/dialect-model.ts'
import type { SqlWriter } from './sql-writer.ts'

/** A column that changes by an amount, in the database, so that simultaneous changes all count. */
export interface Step {
  readonly by: unknown
  readonly sign: '+' | '-'
}

/**
 * `column = column + amount`, exact in the type of the column. What it cannot hold is refused (`VALUE_REJECTED`) by every
 * database; SQLite would store another number by itself.
 */
export function writeStep(out: SqlWriter, column: DialectColumn, { by, sign }: Step): void {
  const { code, quoted, qualified, facts } = column
  // What stands for one is a number, whatever the column holds.
  const amount = column.cast.encode(by === 1 && facts.type === 'bigint' && facts.as === undefined ? 1n : by)
  out.add(code, `${quoted} = `)
  if (out.dialect === 'sqlite') writeSqliteStep(out, column, amount, sign)
  else {
    // PostgreSQL would otherwise guess the type of the value from nothing; MySQL would calculate with a float.
    const type = out.dialect === 'mysql' ? exactType(column) : undefined
    out.add(sign, `${qualified} ${sign} ${type === undefined ? '' : 'cast('}`)
    out.value(amount)
    out.add('', type === undefined ? '' : ` as ${type})`)
  }
}

function exactType({ facts }: DialectColumn): string | undefined {
  if (facts.type === 'decimal') return `decimal(${facts.precision ?? 12}, ${facts.scale ?? 2})`
  return facts.type === 'float' ? undefined : 'signed'
}

/** The only expression of SQLite that fails whenever it is evaluated: the smallest integer has no absolute value. */
const overflow = 'abs(-9223372036854775807 - 1)'

function writeSqliteStep(out: SqlWriter, { qualified, facts }: DialectColumn, amount: unknown, sign: Step['sign']): void {
  if (facts.type === 'decimal') {
    const scale = facts.scale ?? 2
    out.add(sign, `printf('%.${scale}f', round(cast(${qualified} as real) ${sign} cast(`)
    out.value(amount)
    out.add('', ` as real), ${scale}))`)
    return
  }
  const result = `${qualified} ${sign} `
  if (facts.type === 'float') {
    out.add(sign, result)
    out.value(amount)
    return
  }
  const wide = facts.type === 'bigint'
  out.add(sign, `case when ${wide ? `typeof(${result}` : result}`)
  out.value(amount)
  // Beyond 64 bits integers become floats.
  out.add('', `${wide ? ") = 'real'" : ' not between -2147483648 and 2147483647'} then ${overflow} else ${result}`)
  out.value(amount)
  out.add('', ' end')
}
