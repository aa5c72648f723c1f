import type { App } from 'glueful'
import { fail } from './errors.ts'

/**
 * A command is a process of its own: what others keep in their memory it can neither see nor clear.
 * @throws `CACHE_NOT_SHARED`
 */
export function requireSharedCache(app: App): void {
  const { cacheStore, redisUrl, workers } = app.coreSettings()
  const inMemory = cacheStore === 'memory' || (cacheStore === 'auto' && redisUrl === undefined && workers === 1)
  if (inMemory) throw fail('CACHE_NOT_SHARED', undefined)
}
