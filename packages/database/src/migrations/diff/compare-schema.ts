import type { Column } from '../../columns/column.ts'
import { describeColumn, describeTable } from '../../schema/describe-table.ts'
import type { LiveTable } from '../../schema/introspect/live-table.ts'
import { fullTextOf, type ModelTable } from '../../schema/model-tables.ts'
import { objectName } from '../../schema/object-names.ts'
import type { ColumnShape, ForeignKeyShape, IndexShape, TableShape } from '../../schema/table-shape.ts'
import type { Dialect } from '../../sql/dialect.ts'
import { compareFullText } from './compare-full-text.ts'
import { columnCode, liveColumnCode, quote, typeCode, valueCode, type Code } from './column-code.ts'
import { isSameDefault, isSameType, isShownAs, unescapeMysql } from './same-type.ts'

/** One difference as the code that makes it go, and the code that brings it back. */
export interface Difference {
  readonly up: string
  readonly down: string
  readonly imports: readonly string[]
}

export interface SchemaDiff {
  readonly differences: readonly Difference[]
  /** What a person has to decide. */
  readonly notes: readonly string[]
}

/**
 * What is to be done so that the database has what the models say. It drops only columns, and indexes, keys and checks that
 * carry the names that columns give them; tables and renames are for people to decide, and noted.
 */
export function compareSchema(dialect: Dialect, models: readonly ModelTable[], live: readonly LiveTable[], ignored: ReadonlySet<string>): SchemaDiff {
  const tables = new Map(live.map((table) => [table.name, table]))
  const fresh = models.filter(({ table }) => !tables.has(table))
  const parts = models.flatMap((model) => {
    const table = tables.get(model.table)
    return table === undefined ? [] : [compareTable(dialect, model, table)]
  })
  const known = new Set([...models.map(({ table }) => table), ...ignored])
  const strangers = live
    .filter(({ name }) => !known.has(name))
    .map(({ name }) => `The table ${name} has no model. Where nothing uses it: await schema.dropTable(${quote(name)})`)
  return {
    differences: [...createTables(inOrder(fresh)), ...parts.flatMap((part) => part.differences)],
    notes: [...parts.flatMap((part) => part.notes), ...strangers],
  }
}

/** Keys of tables that refer to each other in a circle come once the tables are there. */
function createTables(models: readonly ModelTable[]): Difference[] {
  const missing = new Set(models.map(({ table }) => table))
  const keys: Difference[] = []
  const tables = models.flatMap((model) => {
    const { table, columns } = model
    const later = new Set(
      Object.entries(columns).flatMap(([name, { facts }]) =>
        facts.references !== undefined && facts.references.table !== table && missing.has(facts.references.table) ? [name] : [],
      ),
    )
    missing.delete(table)
    for (const key of describeTable(table, columns).foreignKeys)
      if (key.columns.some((column) => later.has(column))) keys.push({ up: addKeyCode(table, key), down: dropKeyCode(table, key), imports: [] })
    return [createTable(model, later), ...compareFullText(model, undefined, false).created]
  })
  return [...tables, ...keys]
}

/** Tables after those that they refer to; of a circle, in the order of the models. */
function inOrder(models: readonly ModelTable[]): ModelTable[] {
  const ordered = new Set<ModelTable>()
  const visit = (model: ModelTable, trail: readonly ModelTable[]): void => {
    if (ordered.has(model) || trail.includes(model)) return
    for (const { facts } of Object.values(model.columns)) {
      const target = models.find(({ table }) => table === facts.references?.table)
      if (target !== undefined) visit(target, [...trail, model])
    }
    ordered.add(model)
  }
  for (const model of models) visit(model, [])
  return [...ordered]
}

function createTable({ table, columns }: ModelTable, later: ReadonlySet<string>): Difference {
  const codes = Object.entries(columns).map(([name, { facts }]) => {
    const indexed = { ...facts, index: facts.index || (!facts.unique && !facts.primary) }
    return [name, later.has(name) ? columnCode(indexed, false) : columnCode(facts)] as const
  })
  const lines = codes.map(([name, code]) => `      ${/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : quote(name)}: ${code.text},`)
  return {
    up: `await schema.createTable(${quote(table)}, {\n${lines.join('\n')}\n    })`,
    down: `await schema.dropTable(${quote(table)})`,
    imports: codes.flatMap(([, code]) => code.imports),
  }
}

function compareTable(dialect: Dialect, model: ModelTable, live: LiveTable): SchemaDiff {
  const wanted = describeTable(model.table, model.columns)
  const columns = Object.entries(model.columns)
  const there = new Map(live.columns.map((column) => [column.name, column]))
  const added = columns.filter(([name]) => !there.has(name))
  const gone = live.columns.filter(({ name }) => !Object.hasOwn(model.columns, name))
  const kept = columns.filter(([name]) => there.has(name))
  const table = quote(model.table)
  const [coming, going] = [new Set(added.map(([name]) => name)), new Set(gone.map(({ name }) => name))]
  const keys = compareForeignKeys(model.table, wanted, live, coming, going)
  const altered = kept.flatMap(([name, column]) => alterColumn(dialect, model.table, name, column, wanted, live).map((difference) => ({ name, difference })))
  const search = compareFullText(
    model,
    live.fullText,
    altered.some(({ name, difference }) => difference.imports.length > 0 && fullTextOf(model)?.columns.some((column) => column.name === name) === true),
  )
  const differences = [
    ...search.dropped,
    ...added.map(([name, column]) => addColumn(model.table, name, column)),
    ...altered.map(({ difference }) => difference),
    // Keys that go before indexes that go, and keys that come after indexes that come: MySQL needs an index for each.
    ...keys.dropped,
    ...compareIndexes(model.table, wanted, live, coming, going),
    ...keys.added,
    ...gone.map((column) => dropColumn(model.table, column.name, liveColumnCode(column))),
    ...search.created,
  ]
  const notes = gone.flatMap((old) =>
    added
      .filter(([name, column]) => isSameType(dialect, describeColumn(model.table, name, column).column, old))
      .map(
        ([name]) =>
          `If ${model.table}.${old.name} is called ${name} now, instead of adding and dropping: await schema.renameColumn(${table}, ${quote(old.name)}, ${quote(name)})`,
      ),
  )
  return { differences, notes }
}

function addColumn(table: string, name: string, { facts }: Column): Difference {
  const code = columnCode(facts)
  return {
    up: `await schema.addColumn(${quote(table)}, ${quote(name)}, ${code.text})`,
    down: `await schema.dropColumn(${quote(table)}, ${quote(name)})`,
    imports: code.imports,
  }
}

function dropColumn(table: string, name: string, before: Code): Difference {
  return {
    up: `await schema.dropColumn(${quote(table)}, ${quote(name)})`,
    down: `await schema.addColumn(${quote(table)}, ${quote(name)}, ${before.text})`,
    imports: before.imports,
  }
}

function alterColumn(dialect: Dialect, table: string, name: string, { facts }: Column, wanted: TableShape, live: LiveTable): Difference[] {
  const shape = wanted.columns.find((column) => column.name === name) as ColumnShape
  const old = live.columns.find((column) => column.name === name)
  if (old === undefined || shape.type.kind === 'increment') return []
  const isPrimary = wanted.primary.includes(name)
  const retyped = !isSameType(dialect, shape, old) || !sameValues(dialect, table, name, facts.values, live)
  const nulled = !isPrimary && shape.nullable !== old.nullable
  const defaulted = !isSameDefault(dialect, shape, old)
  if (!retyped && !nulled && !defaulted) return []
  const before = liveColumnCode(old)
  const change = (type: string, nullable: boolean, fallback: string) => {
    const parts = [...(retyped ? [`type: ${type}`] : []), ...(nulled ? [`nullable: ${nullable}`] : []), ...(defaulted ? [`default: ${fallback}`] : [])]
    return `await schema.alterColumn(${quote(table)}, ${quote(name)}, { ${parts.join(', ')} })`
  }
  const fallback = shape.default !== undefined && 'value' in shape.default ? valueCode(shape.default.value) : 'null'
  return [
    {
      up: change(typeCode(facts), shape.nullable, fallback),
      down: `${change(before.text.replace(/\.nullable\(\)$/, ''), old.nullable, 'null')}${defaulted && old.default !== undefined ? ` // the default was ${old.default.replaceAll(/\s+/g, ' ')}` : ''}`,
      imports: retyped ? [facts.type, ...before.imports] : [],
    },
  ]
}

/** Whether the check of an enumeration lists the values of the model. */
function sameValues(dialect: Dialect, table: string, column: string, values: readonly string[] | undefined, live: LiveTable): boolean {
  const name = objectName(table, [column], 'check')
  const check = live.checks.find((candidate) => candidate.name === name)
  if (values === undefined || check === undefined) return (values === undefined) === (check === undefined)
  if (dialect !== 'mysql') {
    const listed = [...check.sql.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) => text.replaceAll("''", "'"))
    return values.length === new Set(listed).size && values.every((value) => listed.includes(value))
  }
  const listed = [...check.sql.matchAll(/'((?:[^'\\]|''|\\[\s\S])*)'/g)].map(([, text = '']) => unescapeMysql(text))
  return values.length === listed.length && values.every((value) => listed.some((shown) => isShownAs(value, shown) || value === shown))
}

function compareIndexes(table: string, wanted: TableShape, live: LiveTable, added: ReadonlySet<string>, gone: ReadonlySet<string>): Difference[] {
  const comesWith = (index: { readonly columns: readonly string[] }, columns: ReadonlySet<string>) => index.columns.some((column) => columns.has(column))
  const serves = (mine: IndexShape, theirs: LiveTable['indexes'][number]) =>
    !theirs.partial &&
    (!mine.unique || theirs.unique) &&
    (mine.unique ? mine.columns.join() === theirs.columns.join() : mine.columns.every((column, at) => theirs.columns[at] === column))
  const missing = wanted.indexes.filter((index) => !comesWith(index, added) && !live.indexes.some((other) => serves(index, other)))
  const extra = live.indexes.filter(({ name, columns, unique }) => {
    const [column, ...more] = columns
    if (
      column === undefined ||
      more.length > 0 ||
      gone.has(column) ||
      wanted.indexes.some((index) => index.columns.join() === column && index.unique === unique)
    )
      return false
    // MySQL keeps an index for each foreign key.
    return name === objectName(table, [column], unique ? 'unique' : 'index') && !wanted.foreignKeys.some((key) => key.columns[0] === column)
  })
  const create = (columns: readonly string[], unique: boolean) =>
    `await schema.createIndex(${quote(table)}, [${columns.map(quote).join(', ')}]${unique ? ', { unique: true }' : ''})`
  const drop = (columns: readonly string[], unique: boolean) =>
    `await schema.dropIndex(${quote(table)}, [${columns.map(quote).join(', ')}]${unique ? ', { unique: true }' : ''})`
  return [
    ...missing.map(({ columns, unique }) => ({ up: create(columns, unique), down: drop(columns, unique), imports: [] })),
    ...extra.map(({ columns, unique }) => ({ up: drop(columns, unique), down: create(columns, unique), imports: [] })),
  ]
}

function compareForeignKeys(
  table: string,
  wanted: TableShape,
  live: LiveTable,
  added: ReadonlySet<string>,
  gone: ReadonlySet<string>,
): { readonly dropped: Difference[]; readonly added: Difference[] } {
  const same = (mine: ForeignKeyShape, theirs: ForeignKeyShape) =>
    mine.table === theirs.table &&
    mine.columns.join() === theirs.columns.join() &&
    strong(mine.onDelete) === strong(theirs.onDelete) &&
    strong(mine.onUpdate) === strong(theirs.onUpdate)
  const missing = wanted.foreignKeys.filter((key) => !key.columns.some((column) => added.has(column)) && !live.foreignKeys.some((other) => same(key, other)))
  const extra = live.foreignKeys.filter(
    (key) =>
      key.name === objectName(table, key.columns, 'foreign') &&
      !key.columns.some((column) => gone.has(column)) &&
      !wanted.foreignKeys.some((other) => same(other, key)),
  )
  return {
    dropped: extra.map((key) => ({ up: dropKeyCode(table, key), down: addKeyCode(table, key), imports: [] })),
    added: missing.map((key) => ({ up: addKeyCode(table, key), down: dropKeyCode(table, key), imports: [] })),
  }
}

/** Refusing is what databases do anyway, whatever it is called. */
function strong(action: string | undefined): string | undefined {
  return action === 'cascade' || action === 'set null' ? action : undefined
}

function dropKeyCode(table: string, key: ForeignKeyShape): string {
  return `await schema.dropConstraint(${quote(table)}, ${quote(key.name)})`
}

function addKeyCode(table: string, key: ForeignKeyShape): string {
  const parts = [
    `columns: [${key.columns.map(quote).join(', ')}]`,
    `references: ${quote(key.table)}`,
    ...(key.targets.join() === 'id' ? [] : [`targets: [${key.targets.map(quote).join(', ')}]`]),
    ...(strong(key.onDelete) === undefined ? [] : [`onDelete: ${quote(key.onDelete as string)}`]),
    ...(strong(key.onUpdate) === undefined ? [] : [`onUpdate: ${quote(key.onUpdate as string)}`]),
  ]
  return `await schema.addForeignKey(${quote(table)}, { ${parts.join(', ')} })`
}
