import { toObjects } from '../connection/row-objects.ts'
import type { Rows } from '../driver/driver.ts'
import type { Dialect } from '../sql/dialect.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'

interface Connection {
  readonly dialect: Dialect
  query(text: string, params: readonly unknown[]): Promise<Rows>
  script(text: string): Promise<void>
}

const lists: Readonly<Record<Dialect, string>> = {
  // Tables that a search keeps for itself go with it.
  sqlite: `select s.type as kind, s.name as name from sqlite_schema s inner join pragma_table_list l on l.schema = 'main' and l.name = s.name and l.type <> 'shadow'
    where s.type in ('view', 'table') and s.name not like 'sqlite^_%' escape '^' order by s.type desc, s.rowid desc`,
  postgres: `select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end as kind, c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind in ('r', 'p', 'v', 'm', 'S') and not c.relispartition
      and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype in ('e', 'a', 'i') and (d.deptype = 'e' or c.relkind = 'S'))
    union all
    select 'type', t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.nspname = current_schema() and t.typtype in ('e', 'd')
      and not exists (select 1 from pg_depend d where d.objid = t.oid and d.deptype = 'e')`,
  mysql: `select case table_type when 'VIEW' then 'view' else 'table' end as kind, table_name as name from information_schema.tables where table_schema = database() order by table_type desc`,
}

/** Drops all tables and views of the database or, on PostgreSQL, of its current schema; extensions of PostgreSQL stay. */
export async function dropEverything(connection: Connection): Promise<void> {
  const { dialect } = connection
  const found = toObjects(await connection.query(lists[dialect], []))
  const drops = found.map((row) => {
    const what = `drop ${String(row['kind'])} if exists ${quoteIdentifier(String(row['name']), dialect)}`
    return dialect === 'postgres' ? `${what} cascade` : what
  })
  if (drops.length === 0) return
  const guard = {
    sqlite: ['pragma foreign_keys = off', 'pragma foreign_keys = on'],
    mysql: ['set foreign_key_checks = 0', 'set foreign_key_checks = 1'],
    postgres: [],
  }[dialect]
  // In one go, so that what is set holds for all of it.
  await connection.script([guard[0], ...drops, guard[1]].filter((text) => text !== undefined).join(';\n'))
}
