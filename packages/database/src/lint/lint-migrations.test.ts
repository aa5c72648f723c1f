import { describe, expect, test } from 'vitest'
import type { SchemaChange } from '../schema/schema-change.ts'
import type { Dialect } from '../sql/dialect.ts'
import { splitStatements } from '../sql/split-statements.ts'
import { effectsOfStatement } from './effects-of-sql.ts'
import { lintMigrations, renderFindings, stopping, type LintContext } from './lint-migrations.ts'
import { isVolatileDefault } from './volatile-default.ts'
import { isWideningType } from './widening-type.ts'

const release = new Map([['cars', new Set(['id', 'make', 'dealerId'])]])

function lint(sql: string, dialect: Dialect = 'postgres', options: { transaction?: boolean; safe?: string; reversible?: boolean } & Partial<LintContext> = {}) {
  const { transaction = true, safe, reversible = true, ...context } = options
  return lintMigrations([{ name: 'm', changes: [{ kind: 'sql', sql }], transaction, reversible, safe }], { dialect, lockTimeout: 5_000, release, ...context })
}
const rules = (...given: Parameters<typeof lint>) => stopping(lint(...given)).map((finding) => finding.rule)

describe('what a statement does is read from its text', () => {
  test.each<[string, object[]]>([
    [
      'ALTER TABLE IF EXISTS ONLY public."Cars" ADD COLUMN IF NOT EXISTS "dealer id" uuid NOT NULL DEFAULT gen_random_uuid() REFERENCES dealers',
      [{ kind: 'addColumn', table: 'Cars', column: 'dealer id', nullable: false, fallback: 'volatile', references: true }],
    ],
    [
      'alter table cars add a int default (1 + 1) not null, add column b text, drop c, drop column if exists d cascade',
      [
        { column: 'a', nullable: false, fallback: 'constant' },
        { column: 'b', nullable: true, fallback: 'none' },
        { kind: 'dropColumn', column: 'c' },
        { kind: 'dropColumn', column: 'd' },
        { kind: 'cascade' },
      ],
    ],
    ['alter table cars add column total int generated always as (a + b) stored', [{ kind: 'addColumn', stored: true }]],
    ['alter table cars add column n bigserial', [{ kind: 'addColumn', fallback: 'volatile' }]],
    ['alter table cars rename make to brand', [{ kind: 'renameColumn', column: 'make', to: 'brand' }]],
    ['alter table cars rename constraint a to b', [{ kind: 'alterBriefly' }]],
    ['alter table cars add primary key using index cars_key', [{ kind: 'addKey', what: 'primary key', usingIndex: true }]],
    ['alter table cars add constraint c check ((make IS NOT NULL)) not valid', [{ kind: 'addCheck', name: 'c', validated: false, notNull: 'make' }]],
    ['alter table cars set (fillfactor = 70)', [{ kind: 'alterBriefly' }]],
    ['alter table cars split partition', [{ kind: 'unclear' }]],
    ['drop table if exists a, "b" cascade', [{ kind: 'dropTable', table: 'a' }, { kind: 'dropTable', table: 'b' }, { kind: 'cascade' }]],
    ['create unique index concurrently on cars using gin (make)', [{ kind: 'createIndex', table: 'cars', unique: true, concurrently: true, method: 'gin' }]],
    ['with old as (select id from cars) delete from only cars using old', [{ kind: 'data', what: 'delete', table: 'cars', bounded: false }]],
    ['insert into cars select * from old', [{ kind: 'data', what: 'insert', bounded: false }]],
    ["set local lock_timeout to '2s'", [{ kind: 'lockTimeout', ms: 2_000 }]],
    ['create virtual table if not exists words using fts5(body)', [{ kind: 'createTable', table: 'words' }]],
    ['create or replace trigger t before insert or update of make on public.cars for each row execute function f()', [{ kind: 'alterBriefly', table: 'cars' }]],
    ['drop trigger if exists t on cars', [{ kind: 'alterBriefly', table: 'cars' }]],
    ['alter table cars set schema sales', [{ kind: 'renameTable', table: 'cars', to: 'sales.cars' }]],
    ['lock cars in access exclusive mode', [{ kind: 'lockTable', table: 'cars' }]],
    ['refresh materialized view totals', [{ kind: 'rewrite', table: 'totals' }]],
    ['refresh materialized view concurrently totals', [{ kind: 'other' }]],
    ['do $$ begin update cars set make = 1; end $$', [{ kind: 'unclear', what: 'do' }]],
    ['call tidy()', [{ kind: 'unclear', what: 'call' }]],
    ['vacuum full', [{ kind: 'rewrite' }]],
    ['vacuum analyze cars', [{ kind: 'other' }]],
    ['select 1', [{ kind: 'other' }]],
  ])('%s', (text, expected) => {
    const [statement] = splitStatements(text, 'postgres')
    expect(effectsOfStatement(statement as NonNullable<typeof statement>, 'postgres')).toMatchObject(expected)
  })
})

describe('what is unsafe depends on the database, on what is new, and on what the release uses', () => {
  test('a table made on the way may be changed in any way', () => {
    expect(rules('create table t (a int); alter table t add b int not null; create index t_b on t (b); update t set a = 1; drop table t')).toEqual([])
    const first = { name: 'a', changes: [{ kind: 'sql', sql: 'create table t (a int)' }], transaction: true, reversible: true, safe: undefined } as const
    const second = { ...first, name: 'b', changes: [{ kind: 'sql', sql: 'alter table t rename to u; create index u_a on u (a)' }] } as const
    expect(lintMigrations([first, second], { dialect: 'postgres', lockTimeout: 5_000 })).toEqual([])
    expect(lintMigrations([second], { dialect: 'postgres', lockTimeout: 5_000 }).map(({ rule }) => rule)).toEqual(['rename-table', 'index-not-concurrent'])
  })

  test('a drop is an error where a model has the column, a warning where no model tells, and fine otherwise', () => {
    expect(rules('alter table cars drop column dealerid')).toEqual(['drop-column-in-use'])
    expect(lint('alter table cars drop column legacy')).toEqual([])
    expect(lint('alter table unknown drop column a')).toMatchObject([{ rule: 'drop-column-in-use', severity: 'warning' }])
  })

  test('a search locks a table that is in use, and is in use itself as a column is', () => {
    const fullText = { key: 'id', columns: [{ name: 'make', weight: 1 }], language: 'simple' }
    const found = (changes: readonly SchemaChange[], dialect: Dialect, columns = ['id', 'make', 'full_text']) =>
      lintMigrations([{ name: 'm', changes, transaction: true, reversible: true, safe: undefined }], {
        dialect,
        lockTimeout: 5_000,
        release: new Map([['cars', new Set(columns)]]),
      }).map(({ rule, severity }) => `${severity} ${rule}`)
    const create: SchemaChange = { kind: 'createFullText', table: 'cars', fullText }
    expect(found([create], 'postgres')).toEqual(['error full-text-locks'])
    expect(found([create], 'mysql')).toEqual(['error full-text-locks'])
    expect(found([create], 'sqlite')).toEqual(['warning full-text-locks'])
    const table = { name: 'cars', columns: [], primary: [], indexes: [], foreignKeys: [], checks: [] }
    expect(found([{ kind: 'createTable', table, ifNotExists: false }, create], 'postgres')).toEqual([])
    expect(found([{ kind: 'dropFullText', table: 'cars' }], 'mysql')).toEqual(['error drop-column-in-use'])
    expect(found([{ kind: 'dropFullText', table: 'cars' }], 'mysql', ['id', 'make'])).toEqual([])
  })

  test('MySQL builds indexes online, and SQLite has one writer anyway', () => {
    expect(rules('create index a on cars (make)', 'mysql')).toEqual([])
    expect(rules('create fulltext index a on cars (make)', 'mysql')).toEqual(['index-not-concurrent'])
    expect(rules('create index a on cars (make)', 'sqlite')).toEqual([])
    expect(rules('update cars set make = 1', 'sqlite')).toEqual([])
  })

  test('not null is fine once a validated check says so', () => {
    const check = 'alter table cars add constraint c check (make is not null) not valid;'
    expect(rules(`${check} alter table cars alter make set not null`)).toEqual(['set-not-null'])
    expect(
      rules('alter table cars validate constraint c; alter table cars alter make set not null', 'postgres', {
        live: { types: new Map(), notNull: [{ table: 'cars', name: 'c', column: 'make', validated: false }] },
      }),
    ).toEqual([])
  })

  test('what a migration says of itself keeps its findings from stopping it, and stands in the report', () => {
    const findings = lint('\n\nalter table cars add column stock int not null', 'postgres', { safe: 'cars has three rows' })
    expect(stopping(findings)).toEqual([])
    expect(renderFindings(findings)).toBe(
      '  m, line 3: error not-null-without-default: cars.stock is not null and has no default: rows that are there have no value, and the running release inserts none.\n    Said to be safe: cars has three rows',
    )
  })

  test.each<[string, string, Dialect, object?]>([
    ['stored-column', 'alter table cars add t int generated always as (1) stored', 'postgres'],
    ['constrained-column', 'alter table cars add t int unique', 'postgres'],
    ['drop-index-not-concurrent', 'drop index cars_make', 'postgres'],
    ['rewrite', 'alter table cars convert to character set utf8mb4', 'mysql'],
    ['lock-table', 'lock table cars in exclusive mode', 'postgres'],
    ['cascade', 'drop view v cascade', 'postgres'],
    ['truncate', 'truncate table cars', 'postgres'],
    ['transaction-control', 'select 1; commit', 'postgres'],
    ['data-and-schema-mixed', 'update other set a = 1 where b; alter table cars add t int', 'mysql'],
    ['missing-lock-timeout', 'alter table cars add t int', 'postgres', { lockTimeout: 0 }],
    ['irreversible', 'alter table cars add t int', 'postgres', { reversible: false }],
    ['volatile-default', 'alter table cars add t int default current_timestamp', 'sqlite'],
  ])('%s: %s', (rule, text, dialect, options = {}) => {
    expect(rules(text, dialect, options)).toEqual([rule])
  })
})

test('a type is wider when all values are stored alike', () => {
  expect(isWideningType('character varying(80)', 'varchar(200)', 'postgres')).toBe(true)
  expect(isWideningType('character varying(80)', 'text', 'postgres')).toBe(true)
  expect(isWideningType('character varying(80)', 'varchar(40)', 'postgres')).toBe(false)
  expect(isWideningType('numeric(10,2)', 'decimal(12, 2)', 'postgres')).toBe(true)
  expect(isWideningType('integer', 'bigint', 'postgres')).toBe(false)
  expect(isWideningType('varchar(60)', 'varchar(63)', 'mysql')).toBe(true)
  expect(isWideningType('varchar(60)', 'varchar(64)', 'mysql')).toBe(false)
})

test('a default is volatile when it is computed for each row', () => {
  expect(isVolatileDefault('now()', 'postgres')).toBe(false)
  expect(isVolatileDefault("cast('{}' as jsonb)", 'postgres')).toBe(false)
  expect(isVolatileDefault('my_function()', 'postgres')).toBe(true)
})
