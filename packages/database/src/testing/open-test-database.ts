import { openDatabases, type OpenDatabases } from '../extension/open-databases.ts'
import { silentLog } from './silent-log.ts'

export interface OpenTestOptions {
  readonly acquireTimeout?: number
  readonly busyTimeout?: number
  readonly poolMax?: number
}

/** The databases of an application without the application. */
export async function openTestDatabase(url: string, options: OpenTestOptions = {}): Promise<OpenDatabases> {
  const config = {
    name: 'default',
    setting: 'DATABASE_URL',
    url,
    poolMax: 5,
    acquireTimeout: 5_000,
    busyTimeout: 5_000,
    synchronous: 'full' as const,
    ...options,
  }
  const databases = openDatabases([config], { log: silentLog })
  await databases.start()
  return databases
}
