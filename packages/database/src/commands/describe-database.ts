import type { Database } from '../connection/database.ts'
import { sql, type Sql } from '../sql/sql.ts'

export interface DatabaseDescription {
  readonly name: string
  readonly dialect: string
  readonly version: string
  readonly bytes: number
  readonly tables: readonly TableSize[]
}

export interface TableSize {
  readonly name: string
  /** Exact on SQLite, the server's estimate elsewhere. */
  readonly rows: number
  /** With indexes; undefined where the database does not tell. */
  readonly bytes: number | undefined
}

/** What a connection leads to: the server's version, the size of the data, and its tables. */
export async function describeDatabase(database: Database): Promise<DatabaseDescription> {
  const { dialect, name } = database
  const tables = dialect === 'sqlite' ? await sqliteTables(database) : await database.all<TableSize>(tableSizes[dialect])
  const about = await database.first<{ version: string; bytes: number | string }>(abouts[dialect])
  return {
    name,
    dialect,
    version: String(about?.version),
    bytes: Number(about?.bytes ?? 0),
    tables: tables.map((table) => ({
      name: table.name,
      rows: Math.max(0, Number(table.rows)),
      bytes: table.bytes === undefined ? undefined : Number(table.bytes),
    })),
  }
}

const abouts: Readonly<Record<Database['dialect'], Sql>> = {
  sqlite: sql`select sqlite_version() as version, (select page_count from pragma_page_count) * (select page_size from pragma_page_size) as bytes`,
  postgres: sql`select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`,
  mysql: sql`select version() as version, (select sum(data_length + index_length) from information_schema.tables where table_schema = database()) as bytes`,
}

const tableSizes = {
  postgres: sql`select c.relname as name, c.reltuples::bigint as rows, pg_total_relation_size(c.oid) as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname = current_schema() order by c.relname`,
  mysql: sql`select table_name as name, table_rows as ${sql.id('rows')}, data_length + index_length as bytes
    from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE' order by table_name`,
}

async function sqliteTables(database: Database): Promise<TableSize[]> {
  const found = await database.all<{ name: string }>(
    sql`select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite!_%' escape '!' order by name`,
  )
  const tables: TableSize[] = []
  for (const { name } of found) {
    const counted = await database.first<{ rows: number }>(sql`select count(*) as ${sql.id('rows')} from ${sql.id(name)}`)
    tables.push({ name, rows: counted?.rows ?? 0, bytes: undefined })
  }
  return tables
}
