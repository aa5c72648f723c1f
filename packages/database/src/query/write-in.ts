import { fail } from '../errors.ts'
import type { DialectColumn } from '../model/dialect-model.ts'
import type { SqlWriter } from './sql-writer.ts'

/** Values that a statement may have; some are left for its other conditions. */
const mostPlaceholders = { sqlite: 30_000, postgres: 60_000, mysql: 60_000 } as const

/** How many of a list make a text of their own on MySQL, which has to have a placeholder for each. */
function paddedLength(length: number): number {
  return length <= 4 ? length : 2 ** Math.ceil(Math.log2(length))
}

/**
 * `in` with a list of any length as one text for all of them: SQLite reads the list from one JSON text, PostgreSQL takes
 * it as an array. MySQL needs a placeholder for each value; lists are padded with their last one to a power of two.
 */
export function writeIn(out: SqlWriter, column: DialectColumn, values: readonly unknown[], not: boolean, qualifier: string): void {
  const text = `${qualifier}.${column.quoted}`
  if (values.length === 0) {
    out.add(not ? 'I' : 'i', not ? '1 = 1' : '1 = 0')
    return
  }
  const encoded = values.map(column.cast.encode)
  if (out.dialect === 'postgres') {
    out.add(`${column.code}${not ? '!i' : 'i'}`, not ? `${text} <> all(` : `${text} = any(`)
    out.value(encoded)
    out.add('', ')')
  } else if (out.dialect === 'sqlite' && encoded.every(isJsonSafe)) {
    out.add(`${column.code}${not ? '!i' : 'i'}`, `${text}${not ? ' not' : ''} in (select value from json_each(`)
    out.value(listText(encoded))
    out.add('', '))')
  } else writeEach(out, column, encoded, not, text)
}

function writeEach(out: SqlWriter, column: DialectColumn, values: readonly unknown[], not: boolean, text: string): void {
  const most = mostPlaceholders[out.dialect]
  if (values.length > most)
    throw fail('QUERY_VALUE_INVALID', { model: column.table, column: column.name, found: `a list of ${values.length} values`, expected: `at most ${most}` })
  const length = Math.min(paddedLength(values.length), most)
  out.add(`${column.code}${not ? '!e' : 'e'}${length}(`, `${text}${not ? ' not' : ''} in (`)
  for (let index = 0; index < length; index++) {
    if (index > 0) out.add('', ', ')
    out.value(values[Math.min(index, values.length - 1)])
  }
  out.add(')', ')')
}

/** SQLite's JSON functions end a text at NUL; bytes have no JSON form. */
function isJsonSafe(value: unknown): boolean {
  return typeof value === 'string' ? !value.includes('\0') : typeof value === 'number' || typeof value === 'bigint'
}

function listText(values: readonly unknown[]): string {
  return typeof values[0] === 'bigint' ? `[${values.join()}]` : JSON.stringify(values)
}
