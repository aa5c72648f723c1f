import { databaseServers, testDatabase } from '@glueful/database/testing'
import { describeEngine } from './engine-suite/describe-engine.ts'
import { openDatabaseEngine } from './open-database-engine.ts'

for (const { dialect, title, reachable } of await databaseServers()) {
  if (dialect === 'sqlite') continue
  const open = async () => {
    const database = await testDatabase(dialect)
    return openDatabaseEngine(database.url, database.close)
  }
  describeEngine(`database engine on ${title}`, open, { skip: reachable ? undefined : 'skipped' })
}
