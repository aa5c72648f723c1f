import type { Duration } from '../duration.ts'
import { service, type Service } from '../services/service.ts'

export interface LockOptions {
  /** After so long the lock is free again, whatever has become of its holder. Default: 30 s. */
  readonly ttl?: Duration
  /** How long to wait for it; 0 does not wait. Default: 0. */
  readonly wait?: Duration
  /** Keeps the lock for as long as it is held by prolonging it each third of `ttl`. Default: false; of `withLock`, true. */
  readonly extend?: boolean
  /** Ends the waiting. */
  readonly signal?: AbortSignal
}

/** A lock that is held. */
export interface Lock {
  readonly name: string
  /**
   * The fencing token: greater than that of every earlier holder. Hand it to what the lock protects, and let that refuse
   * a smaller one than it has seen: a holder that was paused for longer than `ttl` does not know that it has lost the lock.
   */
  readonly token: number
  /** Aborted when the lock is lost: expired, or taken away. */
  readonly signal: AbortSignal
  /**
   * Keeps it for `ttl` from now on. Default: that of before.
   * @throws `LOCK_LOST`
   */
  extend(ttl?: Duration): Promise<void>
  /** Gives it back; false when it was lost before. */
  release(): Promise<boolean>
  [Symbol.asyncDispose](): Promise<void>
}

/** Mutual exclusion by name over all processes that share the store (LOCK_STORE). */
export interface Locks {
  /**
   * Takes a lock.
   * @throws `LOCK_NOT_ACQUIRED` (409) when somebody else has it for longer than `wait`, `LOCKS_UNAVAILABLE` (503) without
   * the store, `LOCK_INVALID`
   */
  lock(name: string, options?: LockOptions): Promise<Lock>
  /** As `lock`; undefined when somebody else has it. */
  tryLock(name: string, options?: LockOptions): Promise<Lock | undefined>
  /**
   * Runs `work` while holding the lock, and gives it back.
   * @throws as `lock`; `LOCK_LOST` when it was lost while `work` ran, even where that has ended well
   */
  withLock<T>(name: string, options: LockOptions, work: (lock: Lock) => T | Promise<T>): Promise<T>
}

/**
 * The application's locks.
 *
 * @example
 * await use(Locks).withLock('invoices', { ttl: '30s', wait: '5s' }, ({ token, signal }) => writeInvoices(token, signal))
 */
export const Locks: Service<Locks> = service<Locks>('locks')

/**
 * The same locks for what must hold in every process of the application: those of Redis or the database, also where this
 * process is the only one that serves. One that serves HTTP and one that runs jobs know nothing of each other.
 *
 * @example
 * await use(SharedLocks).withLock('invoices', { ttl: '30s', wait: '5s' }, ({ token, signal }) => writeInvoices(token, signal))
 */
export const SharedLocks: Service<Locks> = service<Locks>('shared-locks')
