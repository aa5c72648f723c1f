import { ModelNotFound } from 'glueful'
import type { Rows } from '../driver/driver.ts'
import { fail } from '../errors.ts'
import { RecordSet } from '../model/record-set.ts'
import type { ModelRecord } from '../model/record-state.ts'
import { now } from '../model/now.ts'
import type { RowShape } from '../model/row-shape.ts'
import { aggregate, countAll, exists } from './aggregate.ts'
import { cursorPage, numberedPage, type CursorInput, type CursorPage, type NumberedPage, type PageInput } from './paginate.ts'
import { explain } from './explain.ts'
import { GroupedQuery } from './grouped-query.ts'
import { loadEagerly } from './load-eagerly.ts'
import { QueryBuilder } from './query-builder.ts'
import type { QueryState } from './query-state.ts'
import type { StatementNode } from '../sql/statement-tree.ts'
import { deleteReturning, updateReturning } from './returning.ts'
import { SqlWriter } from './sql-writer.ts'
import { deleteAll, updateAll } from './write-all.ts'
import { readNumber } from './read-number.ts'
import { readRows, refuseCaching } from './read-rows.ts'
import { writeSelect } from './write-select.ts'

interface SelectStatement {
  readonly text: string
  readonly shape: RowShape
}

/** A query of a model: what `QueryBuilder` collects, and what can be done with it. */
export class ModelQuery extends QueryBuilder {
  /** All records that match. */
  async get(): Promise<ModelRecord[]> {
    this.#readForRelations()
    const state = this.prepared()
    const { database } = this
    const { statement, params } = this.#statement(state)
    if (state.lock !== undefined) refuseCaching(this, 'a lock')
    const result = state.lock === undefined ? readRows(this, state, statement.text, params) : database.execute(statement.text, params, { writes: true })
    const { rows } = result instanceof Promise ? await result : result
    const records = this.#hydrate(state, statement.shape, rows)
    if (this.eager.size > 0 && records.length > 0) await loadEagerly(this, records, this.eager)
    return records
  }

  async first(): Promise<ModelRecord | undefined> {
    const query = this.state.limit === 1 ? this : this.clone().limit(1)
    return (await query.get())[0]
  }

  async firstOrFail(): Promise<ModelRecord> {
    const record = await this.first()
    if (record === undefined) throw new ModelNotFound(this.definition.name, 'with these properties')
    return record
  }

  async find(key: unknown): Promise<ModelRecord | undefined> {
    const { index } = this.definition.key
    try {
      this.definition.on(this.database.dialect).column(index).cast.encode(key)
    } catch {
      // What cannot be a key belongs to no record.
      return undefined
    }
    return this.clone().isolate().whereKey(key).first()
  }

  async findOrFail(key: unknown): Promise<ModelRecord> {
    const record = await this.find(key)
    if (record === undefined) throw new ModelNotFound(this.definition.name, String(key).slice(0, 100))
    return record
  }

  findMany(keys: readonly unknown[]): Promise<ModelRecord[]> {
    return this.clone().isolate().whereIn(this.definition.key.name, keys).get()
  }

  /** The values of one column. */
  async pluck(column: string): Promise<unknown[]> {
    const { name } = this.definition.column(column)
    const query = this.clone()
    query.state.columns = [this.definition.column(column).index]
    query.loadNothing()
    return (await query.get()).map((record) => record[name])
  }

  count(): Promise<number> {
    return countAll(this)
  }

  exists(): Promise<boolean> {
    return exists(this)
  }

  sum(column: string): Promise<unknown> {
    return aggregate(this, 'sum', column)
  }

  avg(column: string): Promise<unknown> {
    return aggregate(this, 'avg', column)
  }

  min(column: string): Promise<unknown> {
    return aggregate(this, 'min', column)
  }

  max(column: string): Promise<unknown> {
    return aggregate(this, 'max', column)
  }

  groupBy(...columns: readonly string[]): GroupedQuery {
    return new GroupedQuery(this, columns)
  }

  paginate(input: PageInput = {}): Promise<NumberedPage<ModelRecord>> {
    return numberedPage(this, input)
  }

  paginateByCursor(input: CursorInput = {}): Promise<CursorPage<ModelRecord>> {
    return cursorPage(this, input)
  }

  /** All records in the order of their keys, `size` at a time, each chunk with a query of its own. */
  async chunk(size: number, work: (records: ModelRecord[]) => unknown): Promise<void> {
    const { key } = this.definition
    refuseCaching(this, 'chunk')
    if (this.state.orders.length > 0 || this.state.limit !== undefined)
      throw fail('QUERY_SHAPE_UNSUPPORTED', { model: this.definition.name, what: 'chunk', with: 'orderBy or limit' })
    if (!Number.isSafeInteger(size) || size < 1)
      throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column: 'chunk', found: String(size), expected: 'a whole number from 1' })
    let last: unknown
    while (true) {
      const query = this.clone().orderBy(key.name).limit(size)
      if (last !== undefined) query.isolate().where(key.name, '>', last)
      const records = await query.get()
      if (records.length > 0) await work(records)
      if (records.length < size) return
      last = records.at(-1)?.[key.name]
    }
  }

  /** Records as the database gives them, so that a result of any length needs little memory. Relations come batch by batch. */
  async *stream(size = 500): AsyncGenerator<ModelRecord, void, undefined> {
    refuseCaching(this, 'stream')
    this.#readForRelations()
    const state = this.prepared()
    const { statement, params } = this.#statement(state)
    for await (const { rows } of this.database.batches(statement.text, params, size)) {
      const records = this.#hydrate(state, statement.shape, rows)
      if (this.eager.size > 0) await loadEagerly(this, records, this.eager)
      yield* records
    }
  }

  /** Sets columns of every record that matches, in one statement; no events. Gives their number. */
  update(values: Readonly<Record<string, unknown>>): Promise<number> {
    return updateAll(this, values)
  }

  increment(column: string, by: unknown = 1, values: Readonly<Record<string, unknown>> = {}): Promise<number> {
    return updateAll(this, values, { [column]: { by, sign: '+' } })
  }

  decrement(column: string, by: unknown = 1, values: Readonly<Record<string, unknown>> = {}): Promise<number> {
    return updateAll(this, values, { [column]: { by, sign: '-' } })
  }

  /** Deletes every record that matches – softly where the model does –, in one statement; no events. */
  delete(): Promise<number> {
    return this.definition.deletedAt === undefined ? deleteAll(this) : updateAll(this, { [this.definition.deletedAt.name]: now() })
  }

  updateReturning(values: Readonly<Record<string, unknown>>): Promise<ModelRecord[]> {
    return updateReturning(this, values)
  }

  deleteReturning(): Promise<ModelRecord[]> {
    return deleteReturning(this)
  }

  forceDelete(): Promise<number> {
    return deleteAll(this)
  }

  async restore(): Promise<number> {
    const { deletedAt } = this.definition
    if (deletedAt === undefined) throw fail('QUERY_SHAPE_UNSUPPORTED', { model: this.definition.name, what: 'restore', with: 'a model without softDeletes()' })
    return updateAll(this.clone().onlyDeleted(), { [deletedAt.name]: null })
  }

  explain(options: { readonly analyze?: boolean } = {}): Promise<string> {
    const { statement, params } = this.#statement(this.prepared())
    return explain(this.database, statement.text, params, options.analyze ?? false)
  }

  /** The statement as it would run, for logs and tests. */
  toSql(): { readonly text: string; readonly params: readonly unknown[] } {
    const { statement, params } = this.#statement(this.prepared())
    return { text: statement.text, params }
  }

  #statement(state: QueryState): { readonly statement: SelectStatement; readonly params: readonly unknown[] } {
    const { dialect } = this.database
    const model = this.definition.on(dialect)
    const out = new SqlWriter(dialect, model.tree.root)
    writeSelect(out, state)
    const node = out.node as StatementNode
    if (node.statement === undefined) {
      const text = new SqlWriter(dialect)
      writeSelect(text, state)
      node.statement = { text: text.text, shape: model.shape(state.columns) }
    }
    return { statement: node.statement as SelectStatement, params: out.params }
  }

  #hydrate(state: QueryState, shape: RowShape, rows: Rows['rows']): ModelRecord[] {
    const set = new RecordSet(shape, this.database, this.strictly ?? this.definition.model.options.strict ?? false)
    const records = shape.hydrateAll(rows, set)
    set.records = records
    set.shown = this.shown
    const { through, numbers } = state
    if (through === undefined && numbers.length === 0) return records
    let position = shape.columns.length
    if (through !== undefined) {
      set.ownerPosition = position
      position += 1 + through.extra.length
    }
    set.numbers = numbers.map(({ name }) => name)
    for (const number of numbers) {
      const at = position++
      records.forEach((record, index) => (record[number.name] = readNumber(number, rows[index]?.[at], shape.model.dialect)))
    }
    return records
  }

  /** Columns that relations start from are read, whatever `select` names. */
  #readForRelations(): void {
    if (this.state.columns === undefined) return
    for (const name of this.eager.keys()) for (const index of this.definition.relation(name).ownerColumns) this.selectAlso(index)
  }
}
