import { createHash } from 'node:crypto'
import type { RedisConnection } from './redis-connection.ts'

/** A Lua script that is sent once and then called by its hash (EVALSHA). */
export interface RedisScript {
  run(redis: RedisConnection, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>
}

/** Keeps a script; after a restart of Redis it is sent again by itself. */
export function redisScript(lua: string): RedisScript {
  // Made by the first call: most processes load scripts that they never run.
  let hash: string | undefined
  return {
    async run({ client }, keys, args) {
      hash ??= createHash('sha1').update(lua).digest('hex')
      try {
        return await client.evalsha(hash, keys.length, ...keys, ...args)
      } catch (error) {
        // Refused before it ran, so running it again does nothing twice.
        if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
        return client.eval(lua, keys.length, ...keys, ...args)
      }
    },
  }
}
