import type { Dialect } from '../sql/dialect.ts'
import type { Effect } from './effect.ts'
import type { Statement } from '../sql/split-statements.ts'
import { plainName, splitCommas, sqlPattern } from './sql-words.ts'
import { isVolatileDefault } from './volatile-default.ts'

type Reader = (table: string, match: RegExpExecArray, dialect: Dialect, clause: string) => readonly Effect[]

const at = (match: RegExpExecArray, index: number) => plainName(match[index] ?? '')
const named = (match: RegExpExecArray, index: number) => (match[index] === undefined ? undefined : plainName(match[index]))
const isValidated = (clause: string) => !/\bnot valid$/i.test(clause)

const constraint = 'add (?:constraint NAME )?'

/** The clauses of `alter table`; the first that fits is taken. */
const readers: readonly (readonly [RegExp, Reader])[] = [
  [sqlPattern('^rename (?:to|as) NAME'), (table, m) => [{ kind: 'renameTable', table, to: at(m, 1) }]],
  [sqlPattern('^set schema NAME'), (table, m) => [{ kind: 'renameTable', table, to: `${at(m, 1)}.${table}` }]],
  [sqlPattern('^rename (?:constraint|index|key) NAME'), (table) => [{ kind: 'alterBriefly', table }]],
  [sqlPattern('^rename (?:column )?NAME to NAME'), (table, m) => [{ kind: 'renameColumn', table, column: at(m, 1), to: at(m, 2) }]],
  [sqlPattern('^change (?:column )?NAME NAME (.*)$'), (table, m) => changed(table, m)],
  [sqlPattern('^modify (?:column )?NAME (.*)$'), (table, m) => [{ kind: 'alterType', table, column: at(m, 1), to: m[2] }]],
  [
    sqlPattern('^add (?:constraint NAME )?(unique(?: index| key)?|primary key)\\b'),
    (table, m, _dialect, clause) => [
      { kind: 'addKey', table, what: /^unique/i.test(m[2] ?? '') ? 'unique' : 'primary key', usingIndex: /\busing index\b/i.test(clause) },
    ],
  ],
  [
    sqlPattern(`^${constraint}foreign key\\b`),
    (table, m, _dialect, clause) => [{ kind: 'addForeignKey', table, name: named(m, 1), validated: isValidated(clause) }],
  ],
  [
    sqlPattern(`^${constraint}check\\s*\\((.*)\\)`),
    (table, m, _dialect, clause) => [{ kind: 'addCheck', table, name: named(m, 1), validated: isValidated(clause), notNull: notNullColumn(m[2] ?? '') }],
  ],
  [sqlPattern('^add (?:constraint NAME )?exclude\\b'), (table) => [{ kind: 'rewrite', table, how: 'an exclusion constraint, which reads all rows' }]],
  [
    sqlPattern('^add (?:(fulltext|spatial) )?(?:index|key) '),
    (table, m) => [{ kind: 'createIndex', table, unique: false, concurrently: false, method: m[1]?.toLowerCase() }],
  ],
  [sqlPattern('^add (?:column )?(?:if not exists )?NAME (.*)$'), (table, m, dialect) => [added(table, at(m, 1), m[2] ?? '', dialect)]],
  [sqlPattern('^drop (?:constraint|foreign key|check) (?:if exists )?NAME'), (table, m) => [{ kind: 'dropConstraint', table, name: at(m, 1) }]],
  [/^drop\s+primary\s+key\b/i, (table) => [{ kind: 'rewrite', table, how: 'dropping the primary key' }]],
  [sqlPattern('^drop (?:index|key) (?:if exists )?NAME'), (_table, m) => [{ kind: 'dropIndex', name: at(m, 1), concurrently: false }]],
  [
    sqlPattern('^drop (?:column )?(?:if exists )?NAME(?: (cascade|restrict))?$'),
    (table, m) => [
      { kind: 'dropColumn', table, column: at(m, 1) },
      ...(m[2]?.toLowerCase() === 'cascade' ? [{ kind: 'cascade', what: 'drop column' } as const] : []),
    ],
  ],
  [
    sqlPattern('^alter (?:column )?NAME (?:set data )?type (.*)$'),
    (table, m) => [{ kind: 'alterType', table, column: at(m, 1), to: m[2]?.replace(/\s+using\b.*$/i, '') }],
  ],
  [sqlPattern('^alter (?:column )?NAME set not null'), (table, m) => [{ kind: 'setNotNull', table, column: at(m, 1) }]],
  [/^alter\b/i, (table) => [{ kind: 'alterBriefly', table }]],
  [sqlPattern('^validate constraint NAME'), (table, m) => [{ kind: 'validate', table, name: at(m, 1) }]],
  [/^set\s+(?:logged|unlogged|tablespace|access\s+method|without\s+oids)\b/i, (table, m) => [{ kind: 'rewrite', table, how: m[0].toLowerCase() }]],
  [/^(?:convert\s+to\s+character\s+set|engine\s*=|order\s+by|row_format\s*=|force\b)/i, (table, m) => [{ kind: 'rewrite', table, how: m[0].toLowerCase() }]],
  [
    /^(?:set|reset|owner|enable|disable|replica|inherit|no\s+inherit|attach|detach|cluster\s+on|comment|algorithm|lock|auto_increment|default)\b/i,
    (table) => [{ kind: 'alterBriefly', table }],
  ],
]

export function effectsOfAlter(table: string, clauses: string, _statement: Statement, dialect: Dialect): readonly Effect[] {
  return splitCommas(clauses).flatMap((clause): readonly Effect[] => {
    for (const [pattern, read] of readers) {
      const match = pattern.exec(clause)
      if (match !== null) return read(table, match, dialect, clause)
    }
    return [{ kind: 'unclear', table, what: clause }]
  })
}

function changed(table: string, match: RegExpExecArray): readonly Effect[] {
  const [from, to] = [at(match, 1), at(match, 2)]
  const altered: Effect = { kind: 'alterType', table, column: to, to: match[3] }
  return from === to ? [altered] : [{ kind: 'renameColumn', table, column: from, to }, altered]
}

function added(table: string, column: string, definition: string, dialect: Dialect): Effect {
  const generated = /\bgenerated always as\s*\(/i.test(definition)
  const fallback = /\bdefault\s+(.*)$/i.exec(definition)?.[1]
  const counted = /\b(?:big|small)?serial\b|\bidentity\b|\bauto_increment\b/i.test(definition)
  return {
    kind: 'addColumn',
    table,
    column,
    nullable: !/\bnot null\b/i.test(definition) && !counted,
    fallback: counted
      ? 'volatile'
      : fallback === undefined || /^null\b/i.test(fallback)
        ? 'none'
        : isVolatileDefault(valueOf(fallback), dialect)
          ? 'volatile'
          : 'constant',
    stored: generated && !/\bvirtual\b/i.test(definition) && (dialect === 'postgres' || /\b(?:stored|persistent)\b/i.test(definition)),
    unique: /\b(?:unique|primary key)\b/i.test(definition),
    references: /\breferences\b/i.test(definition),
    checked: /\bcheck\s*\(/i.test(definition),
  }
}

/** The default alone, without the constraints that follow it. */
function valueOf(text: string): string {
  if (text.startsWith('(')) {
    let depth = 0
    for (const [index, sign] of Array.from(text, (character, position) => [position, character] as const)) {
      if (sign === '(') depth++
      if (sign === ')' && --depth === 0) return text.slice(0, index + 1)
    }
  }
  return text.replace(/\s+(?:not null|null|unique|primary key|check|references|constraint|collate|comment|after|first)\b.*$/i, '')
}

function notNullColumn(condition: string): string | undefined {
  const match = sqlPattern('^ ?\\(?NAME is not null\\)? ?$'.replaceAll(' ?', '\\s*')).exec(condition)
  return match === null ? undefined : plainName(match[1] ?? '')
}
