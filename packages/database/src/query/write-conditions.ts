import { valueFault } from '../columns/value-fault.ts'
import type { DialectColumn, DialectModel } from '../model/dialect-model.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'
import { Identifier, Sql } from '../sql/sql.ts'
import type { Condition, Operator } from './condition.ts'
import type { Existence } from './existence.ts'
import type { QueryState } from './query-state.ts'
import type { SqlWriter } from './sql-writer.ts'
import { writeIn } from './write-in.ts'
import { writeSearch } from './write-search.ts'

/** Writes the conditions of a query with what scopes and soft deletes add; nothing where there are none. */
export function writeWhere(out: SqlWriter, state: QueryState, qualifier: string, more?: () => void): void {
  const model = state.definition.on(out.dialect)
  const { deletedAt } = state.definition
  const soft = deletedAt !== undefined && state.deleted !== 'with'
  if (state.conditions.length === 0 && !soft && more === undefined) return
  out.add(' w', ' where ')
  let first = true
  if (more !== undefined) {
    more()
    first = false
  }
  if (state.conditions.length > 0) {
    if (!first) out.add('&', ' and ')
    const grouped = (soft || !first) && state.conditions.some((condition) => condition.or)
    if (grouped) out.add('(', '(')
    writeConditions(out, state.conditions, model, qualifier)
    if (grouped) out.add(')', ')')
    first = false
  }
  if (soft) {
    if (!first) out.add('&', ' and ')
    const column = model.column(deletedAt.index)
    out.add(state.deleted === 'only' ? 'D' : 'd', `${qualifier}.${column.quoted} is ${state.deleted === 'only' ? 'not ' : ''}null`)
  }
}

export function writeConditions(out: SqlWriter, conditions: readonly Condition[], model: DialectModel, qualifier: string): void {
  for (let index = 0; index < conditions.length; index++) {
    const condition = conditions[index] as Condition
    if (index > 0) out.add(condition.or ? '|' : '&', condition.or ? ' or ' : ' and ')
    writeCondition(out, condition, model, qualifier)
  }
}

function writeCondition(out: SqlWriter, condition: Condition, model: DialectModel, qualifier: string): void {
  switch (condition.kind) {
    case 'compare': {
      const column = model.column(condition.column)
      writeColumn(out, column, qualifier, condition.operator)
      out.add(condition.operator, operatorTexts[condition.operator])
      writeValue(out, column, condition.value, condition.operator)
      return
    }
    case 'columns':
      writeColumn(out, model.column(condition.column), qualifier, condition.operator)
      out.add(condition.operator, operatorTexts[condition.operator])
      writeColumn(out, model.column(condition.other), qualifier, condition.operator)
      return
    case 'in':
      writeIn(out, model.column(condition.column), condition.values, condition.not, qualifier)
      return
    case 'between': {
      const column = model.column(condition.column)
      writeColumn(out, column, qualifier, '<')
      out.add(condition.not ? '!b' : 'b', condition.not ? ' not between ' : ' between ')
      writeValue(out, column, condition.low, '<')
      out.add(',', ' and ')
      writeValue(out, column, condition.high, '<')
      return
    }
    case 'null':
      out.add(
        condition.not ? `${model.column(condition.column).code}N` : `${model.column(condition.column).code}n`,
        `${qualify(model.column(condition.column), qualifier)}${condition.not ? ' is not null' : ' is null'}`,
      )
      return
    case 'like': {
      const column = model.column(condition.column)
      const mysql = out.dialect === 'mysql'
      const text = `${qualifier}.${column.quoted}`
      out.add(
        `${column.code}${condition.not ? '!l' : 'l'}`,
        `${mysql ? `lower(${text})` : text}${condition.not ? ' not' : ''} ${out.dialect === 'postgres' ? 'ilike' : 'like'} ${mysql ? 'lower(' : ''}`,
      )
      out.value(checkPattern(column, condition.pattern, out))
      out.add('', `${mysql ? ')' : ''} escape '!'`)
      return
    }
    case 'group':
      if (condition.conditions.length === 0) out.add('T', condition.not ? '1 = 0' : '1 = 1')
      else {
        out.add(condition.not ? '!(' : '(', condition.not ? 'not (' : '(')
        writeConditions(out, condition.conditions, model, qualifier)
        out.add(')', ')')
      }
      return
    case 'exists':
      out.add(condition.not ? `!e${condition.query.definition.id}(` : `e${condition.query.definition.id}(`, condition.not ? 'not exists (' : 'exists (')
      writeSubquery(out, condition.query, '1')
      out.add(')', ')')
      return
    case 'related':
      writeRelated(out, condition, qualifier)
      return
    case 'search':
      writeSearch(out, condition.search, model, qualifier)
      return
    case 'sql':
      out.add('s(', '(')
      writeSql(out, condition.sql)
      out.add(')', ')')
      return
  }
}

const operatorTexts: Readonly<Record<Operator, string>> = { '=': ' = ', '!=': ' <> ', '<': ' < ', '<=': ' <= ', '>': ' > ', '>=': ' >= ' }
const inequality: ReadonlySet<Operator> = new Set(['<', '<=', '>', '>='])

function writeColumn(out: SqlWriter, column: DialectColumn, qualifier: string, operator: Operator): void {
  const text = qualify(column, qualifier)
  // SQLite keeps decimals as text, whose order is not that of numbers.
  out.add(column.code, asNumber(out, column, operator) ? `cast(${text} as numeric)` : text)
}

export function qualify(column: DialectColumn, qualifier: string): string {
  return column.table === qualifier ? column.qualified : `${qualifier}.${column.quoted}`
}

function asNumber(out: SqlWriter, column: DialectColumn, operator: Operator): boolean {
  return out.dialect === 'sqlite' && column.facts.type === 'decimal' && inequality.has(operator)
}

function writeValue(out: SqlWriter, column: DialectColumn, value: unknown, operator: Operator): void {
  const cast = asNumber(out, column, operator)
  out.add('', cast ? 'cast(' : '')
  out.value(column.cast.encode(value))
  out.add('', cast ? ' as numeric)' : '')
}

const longestPattern = 10_000

function checkPattern(column: DialectColumn, pattern: string, out: SqlWriter): string {
  if (typeof pattern !== 'string' || pattern.length > longestPattern)
    throw valueFault(column.name, pattern, `a pattern of at most ${longestPattern} characters`)
  if (!pattern.isWellFormed() || (out.dialect === 'postgres' && pattern.includes('\0'))) throw valueFault(column.name, pattern, 'a well-formed text')
  if (!/^(?:[^!]|![!%_])*$/s.test(pattern)) throw valueFault(column.name, pattern, 'a pattern in which ! stands before %, _ or ! only')
  return pattern
}

/** A piece that the application wrote as SQL. */
export function writeSql(out: SqlWriter, sql: Sql): void {
  sql.strings.forEach((text, index) => {
    out.add(`{${text}}`, text)
    if (index >= sql.values.length) return
    const value = sql.values[index]
    if (value instanceof Sql) writeSql(out, value)
    else if (value instanceof Identifier) out.add(`{${value.parts.join('.')}}`, value.toText(out.dialect))
    else out.value(value)
  })
}

type Related = Extract<Condition, { kind: 'related' }>

function writeRelated(out: SqlWriter, { existence, query, name, not, count }: Related, qualifier: string): void {
  if (count === undefined) {
    out.add(not ? `!r${name}(` : `r${name}(`, not ? 'not exists (' : 'exists (')
    writeRelatedQuery(out, existence, query, qualifier, '1')
    out.add(')', ')')
    return
  }
  out.add(`#r${name}(`, '(')
  writeRelatedQuery(out, existence, query, qualifier, 'count(*)')
  out.add(`)${count.operator}`, `)${operatorTexts[count.operator]}`)
  out.value(count.value)
}

/** `select … from target [join via] where link and conditions`, within a query whose table goes by `outer`. */
export function writeRelatedQuery(out: SqlWriter, existence: Existence, query: QueryState, outer: string, selected: string | ((alias: string) => void)): void {
  const { dialect } = out
  const model = existence.target.on(dialect)
  const alias = out.alias()
  const owner = `${outer}.${quoteIdentifier(existence.ownerColumn, dialect)}`
  const { via, type } = existence
  out.add('f', 'select ')
  if (typeof selected === 'string') out.add('', selected)
  else selected(alias)
  out.add('', ` from ${model.table} ${alias}`)
  let link = `${alias}.${quoteIdentifier(existence.column, dialect)} = ${owner}`
  let typed = alias
  if (via !== undefined) {
    const between = out.alias()
    out.add(
      'v',
      ` inner join ${quoteIdentifier(via.table, dialect)} ${between} on ${between}.${quoteIdentifier(via.column, dialect)} = ${alias}.${quoteIdentifier(via.targetColumn, dialect)}`,
    )
    link = `${between}.${quoteIdentifier(existence.column, dialect)} = ${owner}`
    if (via.deletedAt !== undefined) link += ` and ${between}.${quoteIdentifier(via.deletedAt, dialect)} is null`
    if (type?.on === 'via') typed = between
  }
  writeWhere(out, query, alias, () => {
    out.add('k', link)
    if (type === undefined) return
    out.add('m', ` and ${typed}.${quoteIdentifier(type.column, dialect)} = `)
    out.value(type.value)
  })
}

function writeSubquery(out: SqlWriter, query: QueryState, selected: string): void {
  const model = query.definition.on(out.dialect)
  const alias = out.alias()
  out.add('f', `select ${selected} from ${model.table} ${alias}`)
  writeWhere(out, query, alias)
}
