import { createHash } from 'node:crypto'
import type { Redis as Client } from 'ioredis'

export type RedisScript = (client: Client, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/** A Lua script that is sent once and then named by its digest; sent again to a server that has forgotten it. */
export function redisScript(source: string): RedisScript {
  const digest = createHash('sha1').update(source).digest('hex')
  return async (client, keys, args) => {
    try {
      return await client.evalsha(digest, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return client.eval(source, keys.length, ...keys, ...args)
    }
  }
}
