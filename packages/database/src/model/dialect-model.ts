import { castOf, type Cast } from '../columns/cast.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'
import type { Dialect } from '../sql/dialect.ts'
import { StatementTree } from '../sql/statement-tree.ts'
import type { ModelColumn, ModelDefinition } from './definition.ts'
import { makeRowEncoder, type RowEncoder } from './row-encoder.ts'
import { RowShape } from './row-shape.ts'
import { currentSeal } from './surroundings.ts'

/** A column as a dialect spells and casts it. */
export interface DialectColumn extends ModelColumn {
  readonly quoted: string
  /** The quoted table, and the column with it. */
  readonly table: string
  readonly qualified: string
  /** Stands for the column in keys of the statement cache. */
  readonly code: string
  readonly cast: Cast
  /** Lives behind an accessor: its cast waits until it is read, or it is hidden, so that spreading a record never shows it. */
  readonly deferred: boolean
}

const mostStatements = 500

/** A model on one dialect: names quoted once, casts chosen once, texts of statements by the shape of their queries. */
export class DialectModel {
  readonly definition: ModelDefinition
  readonly dialect: Dialect
  readonly table: string
  readonly columns: readonly DialectColumn[]
  /** All columns, as they stand after `select`. */
  readonly selectList: string
  readonly from: string
  /** `update … set`, as a statement begins with. */
  readonly updateStart: string
  /** All columns, in their order. */
  readonly fullShape: RowShape
  /** What is given for a new record as a row of all columns. */
  readonly encodeNew: RowEncoder
  /** Statements by the shape of their queries. */
  readonly tree = new StatementTree()
  readonly #statements = new Map<string, unknown>()
  readonly #shapes = new Map<string, RowShape>()

  constructor(definition: ModelDefinition, dialect: Dialect) {
    this.definition = definition
    this.dialect = dialect
    this.table = quoteIdentifier(definition.table, dialect)
    this.columns = definition.columns.map((column) => {
      const quoted = quoteIdentifier(column.name, dialect)
      const cast = castOf(column.name, column.facts, dialect, currentSeal)
      const deferred = cast.lazy || column.facts.hidden
      return { ...column, quoted, table: this.table, qualified: `${this.table}.${quoted}`, code: `c${column.index}`, cast, deferred }
    })
    this.selectList = this.columns.map((column) => column.qualified).join(', ')
    this.from = ` from ${this.table}`
    this.updateStart = `update ${this.table} set `
    this.fullShape = new RowShape(this, this.columns)
    this.encodeNew = makeRowEncoder(definition, this.columns)
  }

  column(index: number): DialectColumn {
    return this.columns[index] as DialectColumn
  }

  /** How rows of some of the columns become records. */
  shape(positions: readonly number[] | undefined): RowShape {
    if (positions === undefined) return this.fullShape
    const key = positions.join()
    let shape = this.#shapes.get(key)
    if (shape === undefined) {
      shape = new RowShape(
        this,
        positions.map((position) => this.column(position)),
      )
      if (this.#shapes.size >= mostStatements) this.#shapes.delete(this.#shapes.keys().next().value as string)
      this.#shapes.set(key, shape)
    }
    return shape
  }

  /** The statement of a name; made once, and forgotten when 500 younger ones have come. */
  statement<T>(key: string, make: () => T): T {
    const known = this.#statements.get(key)
    if (known !== undefined) return known as T
    const made = make()
    if (this.#statements.size >= mostStatements) this.#statements.delete(this.#statements.keys().next().value as string)
    this.#statements.set(key, made)
    return made
  }
}
