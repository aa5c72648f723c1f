import { quoteText } from '../schema/quoting.ts'
import type { ReadRows } from '../schema/read-rows.ts'
import { boundedName } from '../schema/object-names.ts'
import type { Dialect } from '../sql/dialect.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'
import { fullTextColumn, signatureOf, weightsOf } from './describe-full-text.ts'
import type { FullTextShape } from './full-text-options.ts'

/** Characters of a row that are searched, all columns together: PostgreSQL refuses a row whose words are longer than 1 MB. */
const mostCharacters = 100_000

/** Everything that SQLite keeps for the search of a table. */
export function sqliteFullText(table: string) {
  const quote = (suffix: string) => quoteIdentifier(boundedName(`${table}_full_text${suffix}`), 'sqlite')
  const triggers = ['insert', 'update', 'delete'] as const
  return { index: quote(''), keys: quote('_key'), triggers: triggers.map((moment) => ({ moment, name: quote(`_${moment}`) })) }
}

/** MySQL's columns, one for each weight, the largest first. */
export function mysqlFullTextColumns({ columns }: Pick<FullTextShape, 'columns'>): readonly { readonly name: string; readonly weight: number }[] {
  return weightsOf(columns).map((weight, index) => ({ name: index === 0 ? fullTextColumn : `${fullTextColumn}_${index + 1}`, weight }))
}

/** The statements that make the rows of a table searchable. */
export function renderCreateFullText(dialect: Dialect, table: string, shape: FullTextShape): string[] {
  return { sqlite: createSqlite, postgres: createPostgres, mysql: createMysql }[dialect](table, shape)
}

export async function renderDropFullText(dialect: Dialect, table: string, read: ReadRows): Promise<string[]> {
  const name = quoteIdentifier(table, dialect)
  if (dialect === 'postgres') return [`alter table ${name} drop column ${quoteIdentifier(fullTextColumn, dialect)}`]
  if (dialect === 'sqlite') {
    const { index, keys, triggers } = sqliteFullText(table)
    return [...triggers.map((trigger) => `drop trigger ${trigger.name}`), `drop table ${index}`, `drop table ${keys}`]
  }
  const columns = await read(
    `select column_name as name from information_schema.columns
     where table_schema = database() and table_name = ? and column_name regexp '^full_text(_[2-4])?$' and extra like '%GENERATED%' order by column_name`,
    [table],
  )
  const indexes = await read(
    `select distinct index_name as name from information_schema.statistics
     where table_schema = database() and table_name = ? and index_type = 'FULLTEXT' and column_name regexp '^full_text(_[2-4])?$' order by index_name`,
    [table],
  )
  const quoted = (row: Record<string, unknown>) => quoteIdentifier(String(row['name']), 'mysql')
  const clauses = [...indexes.map((row) => `drop index ${quoted(row)}`), ...columns.map((row) => `drop column ${quoted(row)}`)]
  return clauses.length === 0 ? [`alter table ${name} drop column ${quoteIdentifier(fullTextColumn, dialect)}`] : [`alter table ${name} ${clauses.join(', ')}`]
}

/**
 * FTS5 without the texts themselves. Numbers of rows change when SQLite vacuums a table whose key is no integer, so a table
 * beside it keeps the number of each key.
 */
function createSqlite(table: string, shape: FullTextShape): string[] {
  const { index, keys, triggers } = sqliteFullText(table)
  const name = quoteIdentifier(table, 'sqlite')
  const key = quoteIdentifier(shape.key, 'sqlite')
  const most = Math.floor(mostCharacters / shape.columns.length)
  const own = shape.columns.map((_, at) => `c${at + 1}`)
  const values = (row: string) => shape.columns.map((column) => `substr(coalesce(${row}.${quoteIdentifier(column.name, 'sqlite')}, ''), 1, ${most})`)
  const tokenizer = `${shape.language === 'english' ? 'porter ' : ''}unicode61 remove_diacritics 2`
  // Forgetting comes first everywhere: `insert or replace` fires no trigger for the row that it replaces.
  const forget = (row: string) => `delete from ${index} where rowid = (select id from ${keys} where record = ${row}.${key});`
  const enter = `insert into ${keys} (record) select new.${key} where not exists (select 1 from ${keys} where record = new.${key});
  insert into ${index} (rowid, ${own.join(', ')}) select id, ${values('new').join(', ')} from ${keys} where record = new.${key};`
  const bodies = {
    insert: `after insert on ${name} begin\n  ${forget('new')}\n  ${enter}`,
    update: `after update of ${[...new Set([shape.key, ...shape.columns.map((column) => column.name)])].map((column) => quoteIdentifier(column, 'sqlite')).join(', ')} on ${name} begin
  ${forget('old')}\n  update ${keys} set record = new.${key} where record = old.${key} and old.${key} is not new.${key};\n  ${enter}`,
    delete: `after delete on ${name} begin\n  ${forget('old')}\n  delete from ${keys} where record = old.${key};`,
  }
  return [
    `create virtual table ${index} using fts5(${own.join(', ')}, content = '', contentless_delete = 1, tokenize = '${tokenizer}')`,
    // What the index was made of stands in its text, where `migrate diff` finds it.
    `create table ${keys} (id integer primary key, record not null unique /* ${signatureOf(shape).replaceAll('*/', '*\\/')} */)`,
    `insert into ${keys} (record) select ${key} from ${name}`,
    `insert into ${index} (rowid, ${own.join(', ')}) select k.id, ${values('r').join(', ')} from ${name} r inner join ${keys} k on k.record = r.${key}`,
    ...triggers.map((trigger) => `create trigger ${trigger.name} ${bodies[trigger.moment]}\nend`),
  ]
}

/** A generated column with a GIN index, so that nothing has to be kept up by triggers. */
function createPostgres(table: string, shape: FullTextShape): string[] {
  const name = quoteIdentifier(table, 'postgres')
  const own = quoteIdentifier(fullTextColumn, 'postgres')
  const weights = weightsOf(shape.columns)
  const most = Math.floor(mostCharacters / shape.columns.length)
  const parts = shape.columns.map((column, at) => {
    const cut = `left(coalesce(${quoteIdentifier(column.name, 'postgres')}, ''), ${most})`
    const plain = `normalize(regexp_replace(normalize(${cut}, NFD), '([A-Za-z])[\\u0300-\\u036f]+', '\\1', 'g'), NFC)`
    // What PostgreSQL's parser would make one word of: addresses, paths, numbers with signs.
    const words = `left(regexp_replace(${plain}, '${separators}', ' ', 'g'), ${most})`
    const end = at < shape.columns.length - 1 ? ` || ' ${boundary}'` : ''
    return `setweight(to_tsvector('${shape.language}'::regconfig, ${words}${end}), '${'ABCD'[weights.indexOf(column.weight)]}')`
  })
  const vector = parts.join(' || ')
  // A word between the columns, taken out again, leaves a gap that no phrase goes over.
  const expression = parts.length === 1 ? vector : `ts_delete(${vector}, '${boundary}')`
  return [
    `alter table ${name} add column ${own} tsvector generated always as (${expression}) stored`,
    `comment on column ${name}.${own} is ${quoteText('postgres', signatureOf(shape))}`,
    `create index ${quoteIdentifier(boundedName(`${table}_full_text_index`), 'postgres')} on ${name} using gin (${own})`,
  ]
}

const boundary = 'zqxjzqxj'
const separators = '[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a9\\u2000-\\u206f\\u3000-\\u303f\\ufe50-\\uff0f]+'

/**
 * A generated column for each weight, compared without case and accents, with a full-text index over all of them, and one
 * each for the order where there are several. InnoDB leaves out words of one or two letters and some English ones, so every
 * word ends in `__`, which is part of it there; `_` alone is left out, and parts columns from each other.
 */
function createMysql(table: string, shape: FullTextShape): string[] {
  const name = quoteIdentifier(table, 'mysql')
  const own = mysqlFullTextColumns(shape)
  const most = Math.floor(mostCharacters / shape.columns.length)
  const wordEnd = '__'
  const expression = (weight: number) => {
    const texts = shape.columns
      .filter((column) => column.weight === weight)
      .map(
        (column) =>
          `regexp_replace(left(coalesce(${quoteIdentifier(column.name, 'mysql')}, ''), ${most}), ${quoteText('mysql', '[^\\p{L}\\p{N}\\p{M}]+')}, '${wordEnd} ')`,
      )
    return `concat_ws('${wordEnd} _ ', ${texts.join(', ')}, '')`
  }
  const added = own.map(({ name: column, weight }, at) => {
    const comment = at === 0 ? ` comment ${quoteText('mysql', signatureOf(shape))}` : ''
    return `add column ${quoteIdentifier(column, 'mysql')} longtext character set utf8mb4 collate utf8mb4_unicode_ci generated always as (${expression(weight)}) stored invisible${comment}`
  })
  const index = (suffix: string, columns: readonly string[]) =>
    `create fulltext index ${quoteIdentifier(boundedName(`${table}_full_text${suffix}_index`), 'mysql')} on ${name} (${columns.map((column) => quoteIdentifier(column, 'mysql')).join(', ')})`
  return [
    `alter table ${name} ${added.join(', ')}`,
    index(
      '',
      own.map((column) => column.name),
    ),
    ...(own.length === 1 ? [] : own.map((column, at) => index(`_${at + 1}`, [column.name]))),
  ]
}

/** Whether SQLite keeps a search of the table, which does not go with it. */
export async function hasSqliteFullText(table: string, read: ReadRows): Promise<boolean> {
  return (await read('select 1 as found from sqlite_schema where type = ? and name = ?', ['table', boundedName(`${table}_full_text_key`)])).length > 0
}
