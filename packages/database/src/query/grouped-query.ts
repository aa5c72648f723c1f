import { fail } from '../errors.ts'
import { operators, type Operator } from './condition.ts'
import { aggregateText, checkAggregate, readAggregate, readWritten } from './aggregate.ts'
import type { ModelQuery } from './model-query.ts'
import type { Aggregate, Having, HavingFunction } from './query-state.ts'
import { orderedText } from './related-column.ts'
import { writeFrom } from './write-select.ts'

/** What `aggregate` takes: names for results, and what they are. */
export type AggregateInput = Readonly<Record<string, 'count' | readonly [Exclude<HavingFunction, 'count'>, string]>>

/** A query whose rows are taken together where columns are equal. */
export class GroupedQuery {
  readonly #query: ModelQuery
  readonly #columns: readonly number[]
  readonly #having: Having[] = []

  constructor(query: ModelQuery, columns: readonly string[]) {
    this.#query = query
    this.#columns = columns.map((name) => query.definition.column(name).index)
    const { limit, offset, distinct, lock } = query.state
    if (limit !== undefined || offset !== undefined || distinct || lock !== undefined || columns.length === 0)
      throw fail('QUERY_SHAPE_UNSUPPORTED', { model: query.definition.name, what: 'groupBy', with: 'no column, limit, offset, distinct or a lock' })
  }

  having(fn: HavingFunction, ...rest: readonly unknown[]): this {
    const [operator, value] = rest.slice(-2)
    const column = rest.length === 3 ? this.#query.definition.column(rest[0] as string).index : undefined
    if (!operators.has(operator as string) || typeof value !== 'number' || (column === undefined) !== (fn === 'count'))
      throw fail('QUERY_VALUE_INVALID', {
        model: this.#query.definition.name,
        column: 'having',
        found: JSON.stringify([fn, ...rest]),
        expected: "('count', '>', 5) or ('sum', column, '>', 5)",
      })
    checkAggregate(this.#query.definition, fn, column === undefined ? undefined : this.#query.definition.columns[column])
    this.#having.push({ fn, column, operator: operator as Operator, value })
    return this
  }

  /** One row a group, in the order of the groups' columns. */
  async aggregate(input: AggregateInput): Promise<Record<string, unknown>[]> {
    const { definition } = this.#query
    const aggregates = Object.entries(input).map(([name, what]): Aggregate => {
      if (what === 'count') return { name, fn: 'count', column: undefined }
      const column = definition.column(what[1])
      checkAggregate(definition, what[0], column)
      return { name, fn: what[0], column: column.index }
    })
    const state = this.#query.prepared()
    const columnOf = (index: number | undefined) => (index === undefined ? undefined : definition.columns[index])
    const { rows } = await readWritten(this.#query, state, 'group', (out, model) => {
      const groups = this.#columns.map((index) => model.column(index).qualified).join(', ')
      const parts = aggregates.map(({ fn, column }) => aggregateText(fn, model, columnOf(column), out))
      out.add(`${this.#columns.join()}:${aggregates.map(({ fn, column }) => `${fn}${column ?? ''}`).join()}`, `select ${[groups, ...parts].join(', ')}`)
      writeFrom(out, state, model)
      out.add('g', ` group by ${groups}`)
      this.#having.forEach(({ fn, column, operator, value }, index) => {
        out.add(
          `h${fn}${column ?? ''}${operator}`,
          `${index === 0 ? ' having ' : ' and '}${aggregateText(fn, model, columnOf(column), out, true)} ${operator === '!=' ? '<>' : operator} `,
        )
        const facts = columnOf(column)?.facts
        // SQLite sums decimals as whole numbers of their smallest unit.
        out.value(fn === 'sum' && facts?.type === 'decimal' && out.dialect === 'sqlite' ? value * 10 ** (facts.scale ?? 2) : value)
      })
      const order = this.#columns.map((index) => {
        const column = model.column(index)
        return `${orderedText(out, column, column.qualified)}${out.dialect === 'postgres' && column.facts.nullable ? ' nulls first' : ''}`
      })
      out.add('o', ` order by ${order.join(', ')}`)
    })
    const model = definition.on(this.#query.database.dialect)
    return rows.map((row) => {
      const entries = this.#columns.map((index, position): [string, unknown] => {
        const { decode } = model.column(index).cast
        return [model.column(index).name, decode === undefined ? row[position] : decode(row[position])]
      })
      const numbers = aggregates.map(({ name, fn, column }, position): [string, unknown] => [
        name,
        readAggregate(fn, row[this.#columns.length + position], model, columnOf(column)),
      ])
      return Object.fromEntries([...entries, ...numbers])
    })
  }
}
