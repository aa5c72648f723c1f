import type { Service } from 'glueful'
import type { ManagedDatabase } from '../connection/create-database.ts'
import type { Database } from '../connection/database.ts'
import { DatabasesService } from '../extension/databases-service.ts'
import { OpenTransaction } from '../transaction/open-transaction.ts'

/** An application under test, or a database made by `testDatabase`. */
export type TransactionTarget = { readonly app: { use<T>(token: Service<T>): T } } | { readonly db: Database }

/** A transaction around everything that a test does. */
export interface TestTransaction {
  /** Leaves the database as it was. */
  rollback(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Puts everything that is done with the databases into a transaction that is rolled back: by the test itself, and by the
 * application in requests that the test makes. Transactions of the application become savepoints, and their
 * `afterCommit` is called as usual. Statements run one after the other, whoever makes them.
 *
 * @example
 * await using test = await testApp(app)
 * await using _ = await testTransaction(test)
 * await test.client.cars.create({ body: { make: 'Volvo' } })
 */
export async function testTransaction(target: TransactionTarget): Promise<TestTransaction> {
  const databases = 'db' in target ? [target.db as ManagedDatabase] : [...target.app.use(DatabasesService).all.values()]
  const undo: (() => Promise<void>)[] = []
  const rollback = async () => {
    for (const one of undo.splice(0)) await one()
  }
  try {
    for (const database of databases) undo.push(await enclose(database))
  } catch (error) {
    await rollback()
    throw error
  }
  return { rollback, [Symbol.asyncDispose]: rollback }
}

async function enclose(database: ManagedDatabase): Promise<() => Promise<void>> {
  const { driver } = database
  const session = await driver.acquire('transaction')
  await session.begin({})
  const transaction = new OpenTransaction({ owner: database, session, depth: 0, readOnly: false, enclosing: undefined, isTrial: true })
  database.pin(transaction)
  return async () => {
    database.pin(undefined)
    await transaction.end()
    await session.rollback()
    driver.release(session)
  }
}
