import { fullTextColumn } from '../../full-text/describe-full-text.ts'
import type { ReadRows } from '../read-rows.ts'
import { isTrue, text, toForeignKeys, toIndexes } from './group-rows.ts'
import type { LiveTable } from './live-table.ts'

const within = `from pg_class c join pg_namespace n on n.oid = c.relnamespace`
const tables = `n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition`

const queries = {
  columns: `select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
      pg_get_expr(d.adbin, d.adrelid) as "default", a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%', false) as counted,
      case when a.attname = '${fullTextColumn}' and a.attgenerated <> '' then coalesce(col_description(c.oid, a.attnum), '') end as search
    ${within} join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where ${tables} and a.attnum > 0 and not a.attisdropped order by c.relname, a.attnum`,
  indexes: `select c.relname as "table", i.relname as name, coalesce(a.attname, '') as "column", x.indisunique as "unique", x.indpred is not null as partial, x.indisprimary as primary
    ${within} join pg_index x on x.indrelid = c.oid join pg_class i on i.oid = x.indexrelid
      cross join lateral unnest(x.indkey) with ordinality as k (attnum, place) left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    where ${tables} order by i.relname, k.place`,
  keys: `select c.relname as "table", o.conname as key, o.conname as name, a.attname as "column", t.relname as target, b.attname as "targetColumn",
      case o.confdeltype when 'c' then 'cascade' when 'n' then 'set null' else '' end as "onDelete",
      case o.confupdtype when 'c' then 'cascade' when 'n' then 'set null' else '' end as "onUpdate"
    ${within} join pg_constraint o on o.conrelid = c.oid and o.contype = 'f' join pg_class t on t.oid = o.confrelid
      cross join lateral unnest(o.conkey, o.confkey) with ordinality as k (own, theirs, place)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.own join pg_attribute b on b.attrelid = t.oid and b.attnum = k.theirs
    where ${tables} order by o.conname, k.place`,
  checks: `select c.relname as "table", o.conname as name, pg_get_constraintdef(o.oid) as sql ${within} join pg_constraint o on o.conrelid = c.oid and o.contype = 'c' where ${tables}`,
}

export async function readPostgresTables(read: ReadRows): Promise<LiveTable[]> {
  const [columns, indexes, keys, checks] = [await read(queries.columns), await read(queries.indexes), await read(queries.keys), await read(queries.checks)]
  return [...Map.groupBy(columns, (row) => text(row, 'table'))].map(([name, own]) => {
    const isOwn = (row: Readonly<Record<string, unknown>>) => row['table'] === name
    const search = own.find((row) => row['search'] !== null)
    const ownIndexes = indexes.filter((row) => isOwn(row) && !(search !== undefined && row['column'] === fullTextColumn))
    return {
      name,
      columns: own
        .filter((row) => row !== search)
        .map((row) => ({
          name: text(row, 'name'),
          type: text(row, 'type').toLowerCase(),
          nullable: isTrue(row['nullable']),
          default: row['default'] === null || isTrue(row['counted']) ? undefined : text(row, 'default'),
          counted: isTrue(row['counted']),
        })),
      primary: ownIndexes.filter((row) => isTrue(row['primary'])).map((row) => text(row, 'column')),
      indexes: toIndexes(ownIndexes.filter((row) => !isTrue(row['primary']))),
      foreignKeys: toForeignKeys(keys.filter(isOwn)),
      checks: checks.filter(isOwn).map((row) => ({ name: text(row, 'name'), sql: text(row, 'sql') })),
      fullText: search === undefined ? undefined : text(search, 'search'),
    }
  })
}
