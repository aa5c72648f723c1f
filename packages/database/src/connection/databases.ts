import { suggest, type Logger } from 'glueful'
import { fail } from '../errors.ts'
import { currentScope } from '../transaction/scope.ts'
import type { Database } from './database.ts'
import type { ManagedDatabase } from './create-database.ts'

/** The connections of one application. */
export interface Databases {
  readonly default: ManagedDatabase
  readonly all: ReadonlyMap<string, ManagedDatabase>
  readonly log: Logger
  /** @throws `DATABASE_CONNECTION_UNKNOWN` */
  connection(name: string): ManagedDatabase
}

export function createDatabases(all: ReadonlyMap<string, ManagedDatabase>, log: Logger): Databases {
  return {
    default: all.get('default') as ManagedDatabase,
    all,
    log,
    connection(name) {
      const found = all.get(name)
      if (found === undefined) throw fail('DATABASE_CONNECTION_UNKNOWN', { name, known: [...all.keys()], suggestion: suggest(name, all.keys()) })
      return found
    },
  }
}

// Applications that are running in this process, the one booted last at the end.
const booted: Databases[] = []

/** Makes an application's databases those that code outside of requests finds. */
export function addBooted(databases: Databases): void {
  booted.push(databases)
}

export function removeBooted(databases: Databases): void {
  const at = booted.lastIndexOf(databases)
  if (at !== -1) booted.splice(at, 1)
}

/**
 * The databases of the application whose request this is; outside of requests, of the application booted last.
 * @throws `DATABASE_NOT_READY`
 */
export function currentDatabases(): Databases {
  const found = currentScope().databases ?? booted.at(-1)
  if (found === undefined) throw fail('DATABASE_NOT_READY', undefined)
  return found
}

/**
 * The default database, or the one of that name, wherever the code runs; models find theirs by it.
 * @throws `DATABASE_NOT_READY`, `DATABASE_CONNECTION_UNKNOWN`
 */
export function currentDatabase(name?: string): Database {
  const databases = currentDatabases()
  return name === undefined ? databases.default : databases.connection(name)
}
