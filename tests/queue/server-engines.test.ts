import { databaseServers, testDatabase } from '@glueful/database/testing'
import { expect, test } from 'vitest'
import { newJob } from './engine-suite/open-engine.ts'
import { describeEngine } from './engine-suite/describe-engine.ts'
import { openDatabaseEngine } from './open-database-engine.ts'

for (const { dialect, title, reachable } of await databaseServers()) {
  if (dialect === 'sqlite') continue
  const open = async () => {
    const database = await testDatabase(dialect)
    return openDatabaseEngine(database.url, database.close)
  }
  test.skipIf(!reachable || dialect !== 'postgres')(
    `on ${title}, workers of other processes are told of what is dispatched, in a transaction or not`,
    async () => {
      const database = await testDatabase(dialect)
      await using here = await openDatabaseEngine(database.url)
      await using elsewhere = await openDatabaseEngine(database.url, database.close)
      for (const queue of ['mail', 'search']) {
        const told = Promise.withResolvers<string>()
        const stop = elsewhere.engine.onWork(told.resolve)
        const dispatch = () => here.engine.enqueue([newJob(here.now(), { queue })])
        await (queue === 'mail' ? dispatch() : here.transaction(dispatch))
        expect(await told.promise).toBe(queue)
        stop()
      }
    },
  )

  describeEngine(`database engine on ${title}`, open, { skip: reachable ? undefined : 'skipped' })
}
