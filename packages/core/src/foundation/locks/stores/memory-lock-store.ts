import type { Clock } from '../../clock.ts'
import type { LockStore } from '../lock-store.ts'

interface Held {
  readonly owner: string
  until: number
}

/** Locks in the memory of this process. */
export function createMemoryLockStore(clock: Clock): LockStore {
  const held = new Map<string, Held>()
  let last = 0

  function current(name: string): Held | undefined {
    const found = held.get(name)
    if (found === undefined || found.until > clock.monotonic()) return found
    held.delete(name)
    return undefined
  }

  function forget(): void {
    const now = clock.monotonic()
    for (const [name, { until }] of held) if (until <= now) held.delete(name)
  }

  return {
    acquire: async (name, owner, ttlMs) => {
      const found = current(name)
      if (found !== undefined) return { heldMs: found.until - clock.monotonic() }
      if (held.size % 1_000 === 999) forget()
      held.set(name, { owner, until: clock.monotonic() + ttlMs })
      // The time of day, so that tokens go on growing after a restart; one more, so that they do whatever the clock says.
      last = Math.max(last + 1, Math.round(clock.now() * 1_000))
      return { token: last }
    },
    extend: async (name, owner, ttlMs) => {
      const found = current(name)
      if (found?.owner !== owner) return false
      found.until = clock.monotonic() + ttlMs
      return true
    },
    release: async (name, owner) => current(name)?.owner === owner && held.delete(name),
  }
}
