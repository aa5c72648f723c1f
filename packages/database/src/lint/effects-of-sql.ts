import type { Dialect } from '../sql/dialect.ts'
import { effectsOfAlter } from './effects-of-alter.ts'
import type { Effect } from './effect.ts'
import type { Statement } from '../sql/split-statements.ts'
import { plainName, sqlPattern } from './sql-words.ts'

type Reader = (match: RegExpExecArray, statement: Statement, dialect: Dialect) => readonly Effect[]

const word = (match: RegExpExecArray, at: number) => plainName(match[at] ?? '')

/** What a statement starts with, and what that does; the first that fits is taken. */
const readers: readonly (readonly [RegExp, Reader])[] = [
  [sqlPattern('^create (?:global |local )?(?:temp|temporary) table'), () => [{ kind: 'other' }]],
  [sqlPattern('^create (?:unlogged )?table (?:if not exists )?NAME'), (m) => [{ kind: 'createTable', table: word(m, 1) }]],
  [sqlPattern('^create virtual table (?:if not exists )?NAME'), (m) => [{ kind: 'createTable', table: word(m, 1) }]],
  // Of PostgreSQL and MySQL; a moment's lock, in which nothing is read.
  [sqlPattern('^create (?:or replace )?(?:constraint )?(?:definer=\\S+ )?trigger .*? on NAME'), (m) => [{ kind: 'alterBriefly', table: word(m, 1) }]],
  [sqlPattern('^drop trigger (?:if exists )?NAME on NAME'), (m) => [{ kind: 'alterBriefly', table: word(m, 2) }]],
  [sqlPattern('^select\\b.*\\binto (?:temp |temporary |unlogged )?(?:table )?NAME from'), (m) => [{ kind: 'createTable', table: word(m, 1) }]],
  [
    sqlPattern('^drop table (?:if exists )?(.*)$'),
    (m) => [
      ...(m[1] ?? '')
        .replace(/\s+(?:cascade|restrict)$/i, '')
        .split(',')
        .map((table): Effect => ({ kind: 'dropTable', table: plainName(table) })),
      ...(/\bcascade$/i.test(m[1] ?? '') ? [{ kind: 'cascade', what: 'drop table' } as const] : []),
    ],
  ],
  [
    /^drop\s+(?:schema|type|view|materialized\s+view|function|domain|extension|sequence)\b.*\bcascade$/i,
    (m) => [{ kind: 'cascade', what: m[0].split(' ').slice(0, 2).join(' ') }],
  ],
  [sqlPattern('^truncate (?:table )?(?:only )?NAME'), (m) => [{ kind: 'truncate', table: word(m, 1) }]],
  [sqlPattern('^rename table NAME to NAME'), (m) => [{ kind: 'renameTable', table: word(m, 1), to: word(m, 2) }]],
  [
    sqlPattern('^alter (?:foreign )?table (?:if exists )?(?:only )?NAME (.*)$'),
    (m, statement, dialect) => effectsOfAlter(word(m, 1), m[2] ?? '', statement, dialect),
  ],
  [
    sqlPattern('^create (unique |fulltext |spatial )?index (concurrently )?(?:if not exists )?(?:NAME )?on (?:only )?NAME(?: using (\\w+))?'),
    (m) => {
      const type = m[1]?.trim().toLowerCase()
      const method = type === 'fulltext' || type === 'spatial' ? type : m[5]?.toLowerCase()
      return [{ kind: 'createIndex', table: word(m, 4), unique: type === 'unique', concurrently: m[2] !== undefined, method }]
    },
  ],
  [sqlPattern('^drop index (concurrently )?(?:if exists )?NAME'), (m) => [{ kind: 'dropIndex', name: word(m, 2), concurrently: m[1] !== undefined }]],
  [/^reindex\b(?!.*\bconcurrently\b)/i, (m) => [{ kind: 'rewrite', table: '', how: m[0] }]],
  [sqlPattern('^vacuum (?:\\(.*full.*\\)|full)(?: NAME)?'), (m) => [{ kind: 'rewrite', table: word(m, 1), how: 'vacuum full' }]],
  [sqlPattern('^cluster NAME'), (m) => [{ kind: 'rewrite', table: word(m, 1), how: 'cluster' }]],
  [sqlPattern('^lock (?:tables? )?(?:only )?NAME'), (m) => [{ kind: 'lockTable', table: word(m, 1) }]],
  [
    sqlPattern('^refresh materialized view (concurrently )?NAME'),
    (m) => (m[1] === undefined ? [{ kind: 'rewrite', table: word(m, 2), how: 'refresh materialized view' }] : [{ kind: 'other' }]),
  ],
  // Code that is not read here.
  [/^do\b/i, (_m, _statement, dialect) => (dialect === 'postgres' ? [{ kind: 'unclear', table: '', what: 'do' }] : [{ kind: 'other' }])],
  [/^call\b/i, () => [{ kind: 'unclear', table: '', what: 'call' }]],
  [
    /^set\s+(?:local\s+|session\s+|@@(?:session\.)?)?(?:lock_timeout|lock_wait_timeout)\b/i,
    (_m, { text }) => [{ kind: 'lockTimeout', ms: milliseconds(text) }],
  ],
  [
    sqlPattern('^(?:with\\b.*\\) )?update (?:only )?NAME'),
    (m, { skeleton }) => [{ kind: 'data', what: 'update', table: word(m, 1), bounded: isBounded(skeleton) }],
  ],
  [
    sqlPattern('^(?:with\\b.*\\) )?delete from (?:only )?NAME'),
    (m, { skeleton }) => [{ kind: 'data', what: 'delete', table: word(m, 1), bounded: isBounded(skeleton) }],
  ],
  [
    sqlPattern('^(?:with\\b.*\\) )?(?:insert(?: or \\w+| ignore)?|replace) into NAME'),
    (m, { skeleton }) => [{ kind: 'data', what: 'insert', table: word(m, 1), bounded: /\bvalues\b/i.test(skeleton) || isBounded(skeleton) }],
  ],
  [/^(?:begin|commit|rollback|start transaction|end|savepoint)\b/i, (m) => [{ kind: 'transactionControl', what: m[0].toLowerCase() }]],
]

/** What one statement does. */
export function effectsOfStatement(statement: Statement, dialect: Dialect): readonly Effect[] {
  for (const [pattern, read] of readers) {
    const match = pattern.exec(statement.skeleton)
    if (match !== null) return read(match, statement, dialect)
  }
  return [{ kind: 'other' }]
}

/** A condition or a limit; whether it bounds much is for people to say. */
function isBounded(skeleton: string): boolean {
  return /\b(?:where|limit)\b/i.test(skeleton)
}

function milliseconds(text: string): number {
  const [, digits = '0', unit = ''] = /(?:=|\bto\b)\s*'?\s*(\d+)\s*([a-z]*)/i.exec(text) ?? []
  const isSeconds = unit.toLowerCase() === 's' || (unit === '' && /lock_wait_timeout/i.test(text))
  return Number(digits) * (isSeconds ? 1_000 : unit.toLowerCase() === 'min' ? 60_000 : 1)
}
