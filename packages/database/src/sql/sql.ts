import { fail } from '../errors.ts'
import type { Dialect } from './dialect.ts'
import { quoteIdentifier } from './quote-identifier.ts'

/**
 * A piece of SQL with its values. Only `sql` makes them: a value that a client sends can never become one, so it is
 * always bound and never text.
 */
export class Sql {
  /** Text around the values; one more than there are values. */
  readonly strings: readonly string[]
  readonly values: readonly unknown[]

  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings
    this.values = values
  }
}

/** A name, quoted as the dialect wants it once it is known which one that is. */
export class Identifier {
  readonly parts: readonly string[]

  constructor(parts: readonly string[]) {
    this.parts = parts
  }

  toText(dialect: Dialect): string {
    return this.parts.map((part) => quoteIdentifier(part, dialect)).join('.')
  }
}

interface SqlTag {
  /**
   * A query whose values are bound, never pasted into the text. Values may be fragments made by `sql` as well.
   *
   * @example
   * const cheap = sql`price < ${limit}`
   * const cars = await db.all<{ id: string }>(sql`select id from cars where ${cheap} and make in (${sql.join(makes)})`)
   *
   * @throws `SQL_VALUE_UNDEFINED`
   */
  (strings: TemplateStringsArray, ...values: readonly unknown[]): Sql
  /**
   * Names, quoted: `sql.id('cars')`, `sql.id('cars', 'price')`. Never let a client choose one freely: quoting keeps the
   * query whole, but a client that names a column may read it.
   */
  id(...parts: readonly [string, ...string[]]): Sql
  /**
   * Values or fragments with a separator between them. Default: a comma.
   * @throws `SQL_JOIN_EMPTY`, because `in ()` is no SQL
   */
  join(values: readonly unknown[], separator?: Sql): Sql
  /** Text as it stands, for constants of the program only; never for anything that comes from outside. */
  raw(text: string): Sql
}

function tag(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  // An array filled with undefined by a loop is found as well: includes reads holes.
  if (values.includes(undefined)) throw fail('SQL_VALUE_UNDEFINED', { text: strings.join('?'), position: values.indexOf(undefined) + 1 })
  return new Sql(strings, values)
}

const comma = new Sql([', '], [])

export const sql: SqlTag = Object.assign(tag, {
  id: (...parts: readonly [string, ...string[]]) => new Sql(['', ''], [new Identifier(parts)]),
  join: (values: readonly unknown[], separator: Sql = comma) => {
    if (values.length === 0) throw fail('SQL_JOIN_EMPTY', undefined)
    if (values.includes(undefined)) throw fail('SQL_VALUE_UNDEFINED', { text: 'sql.join(…)', position: values.indexOf(undefined) + 1 })
    const list = values.flatMap((value, index) => (index === 0 ? [value] : [separator, value]))
    return new Sql(
      Array.from({ length: list.length + 1 }, () => ''),
      list,
    )
  },
  raw: (text: string) => new Sql([text], []),
})
