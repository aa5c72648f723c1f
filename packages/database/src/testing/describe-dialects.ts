import type { Dialect } from '../sql/dialect.ts'
import type { ConnectionConfig } from '../extension/open-databases.ts'
import { databaseServers } from './database-servers.ts'
import { testDatabase, type TestDatabase } from './test-database.ts'

/** `describe` of Vitest, Jest or node:test. */
interface Describe {
  (name: string, body: () => void): unknown
  skip(name: string, body: () => void): unknown
}

export interface DialectUnderTest {
  readonly dialect: Dialect
  /** Makes an empty database; see `testDatabase`. */
  open(options?: Partial<ConnectionConfig>): Promise<TestDatabase>
}

/**
 * The same suite on SQLite, PostgreSQL and MySQL, or on those named last. A database that is not there is skipped by name.
 *
 * @example
 * await describeDialects(describe, ({ open }) => {
 *   test('cars are found', async () => {
 *     await using database = await open()
 *   })
 * })
 */
export async function describeDialects(describe: Describe, body: (target: DialectUnderTest) => void, only?: readonly Dialect[]): Promise<void> {
  for (const { dialect, title, reachable } of await databaseServers()) {
    if (only?.includes(dialect) === false) continue
    const suite = reachable ? describe : describe.skip
    suite(title, () => body({ dialect, open: (options) => testDatabase(dialect, options) }))
  }
}
