import type { Database, Dialect } from '@glueful/database'
import type { Delivery } from '../../engine.ts'
import { mysqlStatements } from './mysql-statements.ts'
import { postgresStatements } from './postgres-statements.ts'
import { sqliteStatements } from './sqlite-statements.ts'
import type { JobRow } from './job-row.ts'

export interface Proof {
  readonly id: string
  readonly claim: string
}

export interface ClaimFrom {
  readonly queue: string
  readonly state: 'waiting' | 'suspect'
  readonly limit: number
  readonly worker: string
  readonly claim: string
  readonly now: number
}

export interface ClaimFromGroup extends Omit<ClaimFrom, 'state'> {
  readonly group: string
}

/** The statements that a dialect has its own way for; everything else is the same for all. */
export interface JobStatements {
  insert(rows: readonly JobRow[]): Promise<void>
  /** Leaves out a row whose unique key is taken. */
  insertUnless(row: JobRow): Promise<void>
  claim(from: ClaimFrom): Promise<Delivery[]>
  claimGroup(from: ClaimFromGroup): Promise<Delivery[]>
  /** Removes jobs that are done and leave nothing behind; says which ones were the claimant's and had no dependents. */
  removeDone(proofs: readonly Proof[]): Promise<ReadonlySet<string>>
  /** The two together, in one commit. */
  removeDoneAndClaim(proofs: readonly Proof[], from: ClaimFrom): Promise<{ readonly removed: ReadonlySet<string>; readonly deliveries: Delivery[] }>
  /** Locks the rows that belong to the claimants; inside a transaction. */
  lockClaimed(proofs: readonly Proof[]): Promise<ReadonlyMap<string, { readonly dependents: boolean }>>
  removeAll(ids: readonly string[]): Promise<void>
  /** Makes due jobs ready; returns their queues. */
  promote(now: number, limit: number): Promise<readonly string[]>
}

const byDialect: Readonly<Record<Dialect, (database: Database) => JobStatements>> = {
  sqlite: sqliteStatements,
  postgres: postgresStatements,
  mysql: mysqlStatements,
}

export function statementsFor(database: Database): JobStatements {
  return byDialect[database.dialect](database)
}
