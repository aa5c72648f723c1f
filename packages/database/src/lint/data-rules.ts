import type { Effect } from './effect.ts'
import { error, warning, type Rule, type RuleContext } from './rule.ts'

/** Data that is changed on the way. */
export const dataRules: readonly Rule[] = [
  {
    name: 'data-and-schema-mixed',
    check(effect, { transactional, before, isNew, dialect }) {
      if (!transactional || dialect === 'sqlite') return undefined
      const changesData = (one: Effect) => one.kind === 'data' && !isNew(one.table)
      const changesSchema = (one: Effect) => locksExisting(one, isNew)
      const mixed = (changesData(effect) && before.some(changesSchema)) || (changesSchema(effect) && before.some(changesData))
      if (!mixed || before.some((earlier, at) => at > 0 && changesData(earlier) && before.slice(0, at).some(changesSchema))) return undefined
      return error(
        dialect === 'mysql'
          ? 'it changes data and the schema: MySQL commits in between, so a failure leaves half of it'
          : 'it changes data while it holds the lock of a change of the schema, which keeps everybody out until the data is done',
        'Change the schema in one migration, and the data in another.',
      )
    },
  },
  {
    name: 'unbounded-data-change',
    check(effect, { isNew, dialect }) {
      if (effect.kind !== 'data' || effect.what === 'insert' || isNew(effect.table)) return undefined
      if (effect.bounded) {
        return dialect === 'sqlite'
          ? undefined
          : warning(
              `one ${effect.what} of ${effect.table} locks all rows that it touches until it is done`,
              'Where they may be many, go through them in batches, in a migration with transaction: false.',
            )
      }
      const say = dialect === 'sqlite' ? warning : error
      return say(
        `it ${effect.what === 'update' ? 'writes' : 'deletes'} all rows of ${effect.table} in one statement, and locks them until it is done`,
        'Go through them in batches by key, in a migration with transaction: false, with a condition that leaves out what is done.',
      )
    },
  },
  {
    name: 'transaction-control',
    check: (effect, { transactional }) =>
      effect.kind === 'transactionControl' && transactional
        ? error(
            `${effect.what} ends the transaction that the migration runs in, so that a failure would leave half of it`,
            'Leave it out; the migration has a transaction already. Or say transaction: false.',
          )
        : undefined,
  },
  {
    name: 'unclear',
    check: (effect, { isNew }) =>
      effect.kind === 'unclear' && !isNew(effect.table)
        ? effect.table === ''
          ? warning(`the lint does not look into the code that ${effect.what} runs`, 'See what it changes and locks, or write its statements one by one.')
          : warning(`the lint does not know what this does to ${effect.table}: ${effect.what}`, 'See in the manual of the database what it locks.')
        : undefined,
  },
]

function locksExisting(effect: Effect, isNew: RuleContext['isNew']): boolean {
  if (['createTable', 'data', 'other', 'lockTimeout', 'transactionControl', 'cascade', 'unclear'].includes(effect.kind)) return false
  return !('table' in effect) || !isNew(effect.table)
}
