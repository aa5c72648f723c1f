/** What was verified, by its text, for as long as it would verify again. */
export interface TokenCache<T> {
  get(token: string): T | undefined
  set(token: string, value: T): void
  clear(): void
}

/**
 * Bounded by `size`: two generations, of which the older is dropped whole when the younger is full. What is used moves to
 * the younger one, so only what nobody asks for goes.
 */
export function createTokenCache<T>(size: number): TokenCache<T> {
  const half = Math.max(1, Math.floor(size / 2))
  let young = new Map<string, T>()
  let old = new Map<string, T>()

  function set(token: string, value: T): void {
    if (young.size >= half) {
      old = young
      young = new Map()
    }
    young.set(token, value)
  }

  return {
    set,
    get(token) {
      const found = young.get(token)
      if (found !== undefined) return found
      const older = old.get(token)
      if (older !== undefined) set(token, older)
      return older
    },
    clear() {
      young = new Map()
      old = new Map()
    },
  }
}
