import type { Effect } from './effect.ts'
import { error, warning, type Rule, type RuleContext, type Verdict } from './rule.ts'
import { isWideningType } from './widening-type.ts'

/** SQLite lets one write at a time anyway: there a long lock is worth a remark, and no more. */
const unlessSqlite = ({ dialect }: RuleContext, problem: string, recipe: string): Verdict => (dialect === 'sqlite' ? warning : error)(problem, recipe)

/** What keeps readers or writers waiting for longer than a moment. */
export const lockingRules: readonly Rule[] = [
  {
    name: 'volatile-default',
    check(effect, context) {
      if (effect.kind !== 'addColumn' || context.isNew(effect.table) || effect.fallback !== 'volatile') return undefined
      if (context.dialect === 'sqlite') {
        return error(`SQLite adds no column whose default is computed (${effect.table}.${effect.column})`, 'Add it nullable, and fill it by an update.')
      }
      return error(
        `the default of ${effect.table}.${effect.column} is computed for each row, so all of them are written while the table is locked`,
        'Add the column without the default, set the default in a second step (it holds for new rows), and fill old rows in batches.',
      )
    },
  },
  {
    name: 'stored-column',
    check: (effect, context) =>
      effect.kind === 'addColumn' && effect.stored && !context.isNew(effect.table)
        ? unlessSqlite(
            context,
            `${effect.table}.${effect.column} is computed and stored, so all rows are written while the table is locked`,
            'Compute it when reading (virtual, or in the model), or fill a plain column in batches.',
          )
        : undefined,
  },
  {
    name: 'constrained-column',
    check(effect, context) {
      if (effect.kind !== 'addColumn' || context.isNew(effect.table) || context.dialect !== 'postgres') return undefined
      const brings = [
        ...(effect.unique ? ['a unique index'] : []),
        ...(effect.references && effect.fallback !== 'none' ? ['a foreign key'] : []),
        ...(effect.checked ? ['a check'] : []),
      ]
      if (brings.length === 0) return undefined
      return error(
        `${effect.table}.${effect.column} comes with ${brings.join(' and ')}, for which all rows are read while the table is locked`,
        'Add the column alone; then the index concurrently, or the constraint with validate: false (NOT VALID), each in a migration of its own.',
      )
    },
  },
  {
    name: 'type-change',
    check(effect, context) {
      if (effect.kind !== 'alterType' || context.isNew(effect.table)) return undefined
      const from = context.typeOf(effect.table, effect.column)
      if (from !== undefined && effect.to !== undefined && isWideningType(from, effect.to, context.dialect)) return undefined
      return unlessSqlite(
        context,
        `changing the type of ${effect.table}.${effect.column}${from === undefined ? '' : ` from ${from}`} writes all rows anew while the table is locked, and the running release expects the old type`,
        'Add a column of the new type beside it, write both, fill old rows in batches, read the new one, drop the old one a release later.',
      )
    },
  },
  {
    name: 'set-not-null',
    check(effect, context) {
      const { table, column } = effect as { table: string; column: string }
      if (effect.kind !== 'setNotNull' || context.isNew(table) || (context.dialect === 'postgres' && context.isKnownNotNull(table, column))) return undefined
      return unlessSqlite(
        context,
        `making ${table}.${column} not null reads all rows while the table is locked`,
        context.dialect === 'postgres'
          ? `Add a check (${column} is not null) with validate: false, validate it in the next migration, then set not null, which trusts the check, and drop the check.`
          : 'Fill all rows first, and make the change when few use the table; or do it with an online schema change tool.',
      )
    },
  },
  {
    name: 'index-not-concurrent',
    check(effect, { dialect, isNew }) {
      if (effect.kind !== 'createIndex' || isNew(effect.table)) return undefined
      if (dialect === 'mysql' && (effect.method === 'fulltext' || effect.method === 'spatial')) {
        return error(
          `a ${effect.method} index keeps writers of ${effect.table} out while it is built`,
          'Build it when few use the table, or on a replica first.',
        )
      }
      if (dialect !== 'postgres' || effect.concurrently) return undefined
      return error(
        `building an index keeps writers of ${effect.table} out until it is done`,
        'createIndex(…, { concurrently: true }) in a migration with transaction: false (SQL: create index concurrently, -- transaction: false).',
      )
    },
  },
  {
    name: 'full-text-locks',
    check: (effect, context) =>
      effect.kind === 'indexWords' && !context.isNew(effect.table)
        ? unlessSqlite(
            context,
            `making ${effect.table} searchable writes all its rows anew and indexes their words while the table is locked`,
            'Do it when few use the table, and say so (safe: …); or make a table beside it that is searchable, write both, copy in batches, and search there.',
          )
        : undefined,
  },
  {
    name: 'concurrently-in-transaction',
    check: (effect, { dialect, transactional }) =>
      dialect === 'postgres' && transactional && (effect.kind === 'createIndex' || effect.kind === 'dropIndex') && effect.concurrently
        ? error(
            'what is done concurrently is refused within a transaction',
            'Say transaction: false (SQL: -- transaction: false), and let the migration do nothing else.',
          )
        : undefined,
  },
  {
    name: 'drop-index-not-concurrent',
    check: (effect, { dialect, before }) =>
      dialect === 'postgres' && effect.kind === 'dropIndex' && !effect.concurrently && !before.some((earlier) => earlier.kind === 'createTable')
        ? error(
            `dropping the index ${effect.name} waits for all queries on its table, and keeps later ones waiting meanwhile`,
            'dropIndex(…, { concurrently: true }) in a migration with transaction: false.',
          )
        : undefined,
  },
  {
    name: 'key-not-online',
    check(effect, { dialect, isNew }) {
      if (effect.kind !== 'addKey' || isNew(effect.table) || effect.usingIndex) return undefined
      if (dialect === 'mysql' && effect.what === 'unique') return undefined
      return error(
        `adding a ${effect.what} ${dialect === 'mysql' ? 'writes all rows anew' : 'reads all rows'} while ${effect.table} is locked`,
        dialect === 'postgres'
          ? `Create a unique index concurrently first, then add the ${effect.what} using that index.`
          : 'Create the table with it; or make a new table, copy in batches, and switch.',
      )
    },
  },
  {
    name: 'constraint-validates',
    check(effect, context) {
      if (
        (effect.kind !== 'addForeignKey' && effect.kind !== 'addCheck') ||
        context.isNew(effect.table) ||
        (!effect.validated && context.dialect === 'postgres')
      )
        return undefined
      const what = effect.kind === 'addForeignKey' ? 'a foreign key' : 'a check'
      return unlessSqlite(
        context,
        `adding ${what} reads all rows of ${effect.table} while writers are kept out`,
        context.dialect === 'postgres'
          ? 'Add it with validate: false (NOT VALID), and validateConstraint in the next migration, which keeps nobody out.'
          : 'Make the change when few use the table; MySQL copies the table for it.',
      )
    },
  },
  {
    name: 'validate-in-one-step',
    check: (effect, { transactional, isNew, isFreshConstraint }) =>
      effect.kind === 'validate' && transactional && !isNew(effect.table) && isFreshConstraint(effect.table, effect.name)
        ? error(
            `${effect.name} is added and validated in one transaction, so the lock of the first lasts until the second has read all rows`,
            'Validate it in a migration of its own.',
          )
        : undefined,
  },
  {
    name: 'rewrite',
    check: (effect, context) =>
      effect.kind === 'rewrite' && !context.isNew(effect.table)
        ? unlessSqlite(
            context,
            `${effect.how} keeps everybody out of ${effect.table === '' ? 'the table' : effect.table} until all of it is written`,
            'Do it when nobody uses the table, or with an online tool such as pg_repack or gh-ost.',
          )
        : undefined,
  },
  {
    name: 'lock-table',
    check: (effect, { isNew }) =>
      effect.kind === 'lockTable' && !isNew(effect.table)
        ? error(`${effect.table} is locked by hand until the migration ends`, 'Leave the lock out; each change takes the one that it needs.')
        : undefined,
  },
  {
    name: 'missing-lock-timeout',
    check: (effect, { dialect, lockTimeout, isNew, before }) =>
      dialect !== 'sqlite' && lockTimeout === 0 && takesLock(effect, isNew) && !before.some((earlier) => takesLock(earlier, isNew))
        ? error(
            'there is no limit to how long it waits for its lock, and everybody else waits behind it',
            "Leave MIGRATE_LOCK_TIMEOUT at its 5 seconds, or set one in the migration (set lock_timeout = '5s'); it can be run again.",
          )
        : undefined,
  },
]

function takesLock(effect: Effect, isNew: RuleContext['isNew']): boolean {
  if (effect.kind === 'createIndex' || effect.kind === 'dropIndex') return !effect.concurrently && !('table' in effect && isNew(effect.table))
  if (['createTable', 'data', 'other', 'lockTimeout', 'transactionControl', 'cascade', 'validate'].includes(effect.kind)) return false
  return !('table' in effect) || !isNew(effect.table)
}
