import { service, type Service } from '../services/service.ts'

/** Whether a lock was taken: its fencing token, or for how long somebody else still has it, in ms. */
export type Attempt = { readonly token: number } | { readonly heldMs: number }

/** Where locks are held. Every store passes the same conformance suite; each step is atomic over all processes that share it. */
export interface LockStore {
  /**
   * Takes the lock where nobody has it; `owner` is a text of its own for each attempt. Its token is greater than all that were given for the name before, also after the
   * lock has expired or the store was emptied.
   */
  acquire(name: string, owner: string, ttlMs: number): Promise<Attempt>
  /** Lets the owner keep it for `ttlMs` from now on; false when it is the owner's no longer. */
  extend(name: string, owner: string, ttlMs: number): Promise<boolean>
  /** Gives it back; false when it is the owner's no longer. */
  release(name: string, owner: string): Promise<boolean>
}

/** Locks in the application's database; a database package provides it. */
export const DatabaseLockStore: Service<LockStore> = service<LockStore>('database-lock-store')
