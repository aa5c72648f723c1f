import type { Logger, RedisConnection } from 'glueful'

/** Tells the other processes at once which sessions ended. It may lose what it is told: the database is what counts. */
export interface RevocationChannel {
  announce(ids: readonly string[]): void
  /** `hear` gets the ids that others announce; `joined` is told when some may have been missed. */
  start(hear: (ids: readonly string[]) => void, joined: () => void): void
}

/** In one message, so that none is larger than 64 KB. */
const mostIds = 1_000
const longestMessage = 64 * 1_024
const sessionId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** By publish and subscribe of Redis; the connection for it is closed with the application. */
export function createRevocationChannel(redis: RedisConnection, log: Logger): RevocationChannel {
  const channel = redis.key('auth', 'ended-sessions')
  let warned = false

  function readIds(text: string): readonly string[] {
    const found = text.length > longestMessage ? undefined : parse(text)
    if (Array.isArray(found) && found.length <= mostIds && found.every((id) => typeof id === 'string' && sessionId.test(id))) return found as string[]
    if (!warned) log.warn({ channel }, 'A message on the channel of ended sessions is not one of this application; those like it are passed over')
    warned = true
    return []
  }

  return {
    announce(ids) {
      for (let at = 0; at < ids.length; at += mostIds) {
        // Whoever does not hear of it finds it in the database; that Redis is away, its connection says.
        void redis.client.publish(channel, JSON.stringify(ids.slice(at, at + mostIds))).catch(() => undefined)
      }
    },
    start(hear, joined) {
      const subscriber = redis.duplicate({ autoResubscribe: false })
      subscriber.on('message', (_, text: string) => hear(readIds(text)))
      const join = () =>
        subscriber.subscribe(channel).then(joined, (error: unknown) => log.warn({ err: error }, 'The channel of ended sessions cannot be heard for now'))
      // Also after each reconnect.
      subscriber.on('ready', () => void join())
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
