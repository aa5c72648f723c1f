import { fail } from '../errors.ts'
import type { DialectColumn, DialectModel } from '../model/dialect-model.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'
import type { QueryState, RelatedColumn, RelationNumber, Through } from './query-state.ts'
import type { SqlWriter } from './sql-writer.ts'
import { orderedText, writeRelatedColumn } from './related-column.ts'
import { writeRelatedQuery, writeWhere } from './write-conditions.ts'
import { writeIn } from './write-in.ts'
import { writeRelevance, writeScores, type Search } from './write-search.ts'

/** A query for records: their columns, then those of a table between, then numbers of relations. */
export function writeSelect(out: SqlWriter, state: QueryState): void {
  if (state.limitPer !== undefined) writeLimitPer(out, state)
  else writePlain(out, state)
}

function writePlain(out: SqlWriter, state: QueryState, writeNumbering?: () => void): void {
  const model = state.definition.on(out.dialect)
  out.add(state.distinct ? 'S!' : 'S', state.distinct ? 'select distinct ' : 'select ')
  if (state.columns === undefined) out.add('', model.selectList)
  else out.add(state.columns.join(), state.columns.map((index) => model.column(index).qualified).join(', '))
  if (state.through !== undefined) {
    const names = [state.through.ownerColumn, ...state.through.extra]
    out.add('', names.map((name, index) => `, p.${quoteIdentifier(name, out.dialect)} as ${quoteIdentifier(`~p${index}`, out.dialect)}`).join(''))
  }
  for (const number of state.numbers) writeNumber(out, number, model.table)
  writeNumbering?.()
  writeFrom(out, state, model, state.distinct ? undefined : state.relevance)
  if (writeNumbering !== undefined) return
  writeOrders(out, state, model)
  writeLimit(out, state)
  writeLock(out, state)
}

/** From, join and where: what selects, counts and aggregates have in common. */
export function writeFrom(out: SqlWriter, state: QueryState, model: DialectModel, relevance?: Search): void {
  const { through } = state
  out.add('', model.from)
  if (relevance !== undefined) writeScores(out, relevance, state, model)
  if (through === undefined) {
    writeWhere(out, state, model.table)
    return
  }
  const quote = (name: string) => quoteIdentifier(name, out.dialect)
  out.add(
    `t{${through.table}}{${through.column}}{${through.targetColumn}}{${through.ownerColumn}}{${through.extra.join()}}`,
    ` inner join ${quote(through.table)} p on p.${quote(through.column)} = ${model.table}.${quote(through.targetColumn)}`,
  )
  writeWhere(out, state, model.table, () => writeOwners(out, through))
}

function writeOwners(out: SqlWriter, through: Through): void {
  // Keys are bound as the owner's own key column would: they were read from it.
  const column = {
    quoted: quoteIdentifier(through.ownerColumn, out.dialect),
    code: 'o',
    cast: { encode: (value: unknown) => value },
  } as unknown as DialectColumn
  writeIn(out, column, through.ownerKeys, false, 'p')
  if (through.type !== undefined) {
    out.add('m', ` and p.${quoteIdentifier(through.type.column, out.dialect)} = `)
    out.value(through.type.value)
  }
  if (through.deletedAt !== undefined) out.add('d', ` and p.${quoteIdentifier(through.deletedAt, out.dialect)} is null`)
}

function writeNumber(out: SqlWriter, number: RelationNumber, table: string): void {
  out.add(`n{${number.relation}}${number.sum ?? ''}(`, ', (')
  const column = number.sum === undefined ? undefined : number.existence.target.on(out.dialect).column(number.sum)
  writeRelatedQuery(out, number.existence, number.query, table, (alias) =>
    out.add('', column === undefined ? 'count(*)' : sumOf(column, `${alias}.${column.quoted}`, out)),
  )
  out.add(')', ')')
}

/**
 * A sum, as `readSum` reads it. SQLite keeps decimals as text, and knows no sum beyond 64 bits: there the upper and the lower
 * halves of bigints are summed on their own, as `upper:lower`.
 */
export function sumOf(column: DialectColumn, text: string, out: SqlWriter): string {
  if (out.dialect !== 'sqlite' || column.facts.type !== 'bigint') return comparableSumOf(column, text, out)
  return `printf('%d:%d', coalesce(sum(${text} >> 32), 0), coalesce(sum(${text} & 4294967295), 0))`
}

/** A sum that a number can be compared with. */
export function comparableSumOf({ facts }: DialectColumn, text: string, out: SqlWriter): string {
  if (out.dialect === 'sqlite' && facts.type === 'decimal')
    return `coalesce(sum(cast(round(cast(${text} as real) * ${10 ** (facts.scale ?? 2)}) as integer)), 0)`
  // A float beyond 2^53, where a number is no more exact.
  if (out.dialect === 'sqlite' && facts.type === 'bigint') return `coalesce(sum(${text} >> 32) * 4294967296.0 + sum(${text} & 4294967295), 0)`
  return `coalesce(sum(${text}), 0)`
}

export function writeOrders(out: SqlWriter, state: QueryState, model: DialectModel): void {
  if (state.distinct && state.orders.some(({ column }) => typeof column !== 'number'))
    throw fail('QUERY_SHAPE_UNSUPPORTED', { model: state.definition.name, what: 'orderByRelated', with: 'distinct' })
  const relevance = state.distinct ? undefined : state.relevance
  if (relevance !== undefined) {
    out.add('', ' order by ')
    writeRelevance(out, relevance, model)
    // Of equally relevant records each call gives the same first.
    if (state.orders.length === 0) out.add('', `, ${model.column(state.definition.key.index).qualified}`)
  }
  state.orders.forEach(({ column, descending }, index) => {
    out.add(descending ? 'v' : '^', index === 0 && relevance === undefined ? ' order by ' : ', ')
    const found = typeof column === 'number' ? model.column(column) : undefined
    if (found !== undefined) out.add(found.code, orderedText(out, found, found.qualified))
    else writeRelatedColumn(out, column as RelatedColumn, model.table)
    // Where nulls go is left open by SQL; first in ascending order on all of them.
    const nulls = out.dialect === 'postgres' && found?.facts.nullable !== false ? (descending ? ' nulls last' : ' nulls first') : ''
    out.add('', `${descending ? ' desc' : ''}${nulls}`)
  })
}

function writeLimit(out: SqlWriter, { limit, offset }: QueryState): void {
  if (limit !== undefined) {
    out.add('L', ' limit ')
    out.limit(limit)
  } else if (offset !== undefined && out.dialect !== 'postgres') out.add('l', out.dialect === 'sqlite' ? ' limit -1' : ' limit 18446744073709551615')
  if (offset !== undefined) {
    out.add('O', ' offset ')
    out.offset(offset)
  }
}

/** SQLite has no row locks and needs none: a transaction there is alone with its writes. */
function writeLock(out: SqlWriter, { lock }: QueryState): void {
  if (lock === undefined || out.dialect === 'sqlite') return
  const wait = lock.wait === 'skip' ? ' skip locked' : lock.wait === 'nowait' ? ' nowait' : ''
  const strength = lock.strength === 'update' ? ' for update' : out.dialect === 'mysql' ? ' lock in share mode' : ' for share'
  out.add(`K${strength}${wait}`, `${strength}${wait}`)
}

/** The first rows of each owner: rows are numbered within their owner, and the numbers compared. */
function writeLimitPer(out: SqlWriter, state: QueryState): void {
  const model = state.definition.on(out.dialect)
  const { through, limitPer, limit, offset = 0 } = state
  const number = quoteIdentifier('~row', out.dialect)
  const owner =
    limitPer === 'owner' && through !== undefined
      ? `p.${quoteIdentifier(through.ownerColumn, out.dialect)}`
      : `${model.table}.${model.column(limitPer as number).quoted}`
  out.add(`P${String(limitPer)}(`, 'select * from (')
  writePlain(out, state, () => {
    out.add('', `, row_number() over (partition by ${owner}`)
    writeOrders(out, state, model)
    out.add('', `) as ${number}`)
  })
  out.add(')', `) numbered where ${number} > `)
  out.value(offset)
  out.add('L', ` and ${number} <= `)
  out.value(offset + (limit ?? 2 ** 31))
  out.add('', ` order by ${number}`)
}
