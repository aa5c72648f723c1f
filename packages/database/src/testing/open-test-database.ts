import { openDatabases, type ConnectionConfig, type OpenDatabases } from '../extension/open-databases.ts'
import { createMetrics } from 'glueful/testing'
import { silentLog } from './silent-log.ts'

const usual: Omit<ConnectionConfig, 'url'> = {
  name: 'default',
  setting: 'DATABASE_URL',
  replicas: [],
  poolMax: 5,
  acquireTimeout: 5_000,
  connectTimeout: 5_000,
  statementTimeout: 30_000,
  busyTimeout: 5_000,
  namedStatements: true,
  slowQuery: 60_000,
  synchronous: 'full',
}

/** The databases of an application without the application. */
export async function openTestDatabase(url: string, options: Partial<ConnectionConfig> = {}): Promise<OpenDatabases> {
  const databases = openDatabases([{ ...usual, ...options, url }], { log: silentLog, metrics: createMetrics(), environment: 'test' })
  await databases.start()
  return databases
}
