import { fail } from '../errors.ts'
import type { Database } from '../connection/database.ts'

export interface SeederOptions {
  /** Names of seeders whose data this one needs. */
  readonly after?: readonly string[]
  /** Runs each time, and so must find for itself what is there (`firstOrCreate`, `upsert`). Default: false, it runs once. */
  readonly always?: boolean
  /** Fills tables; all in one transaction, which models join. */
  readonly run: (tools: { readonly database: Database }) => Promise<unknown>
}

/** Data that a database starts with; made by `seeder`. */
export interface Seeder extends SeederOptions {
  readonly kind: 'seeder'
  readonly name: string
}

/**
 * Data that a database starts with, for development and tests. It runs once for a database, whoever asks and how often, after
 * those that it needs; factories give it the same data each time.
 *
 * @example
 * export default seeder('cars', {
 *   after: ['dealers'],
 *   run: async () => CarFactory.count(100).recycle(await Dealer.query().get()).create(),
 * })
 *
 * @throws `SEEDER_INVALID`
 */
export function seeder(name: string, options: SeederOptions): Seeder {
  if (!/^[a-z0-9][a-z0-9_-]{0,99}$/i.test(name))
    throw fail('SEEDER_INVALID', { name, problem: 'a name is letters, digits, dashes and underscores, at most 100' })
  return { kind: 'seeder', name, ...options }
}
