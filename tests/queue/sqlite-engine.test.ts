import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeEngine } from './engine-suite/describe-engine.ts'
import { openDatabaseEngine } from './open-database-engine.ts'

describeEngine('database engine on SQLite in a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-queue-'))
  return openDatabaseEngine(`sqlite:${join(folder, 'app.sqlite')}`, async () => rmSync(folder, { recursive: true }))
})

describeEngine('database engine on SQLite in memory', () => openDatabaseEngine('sqlite::memory:'))
