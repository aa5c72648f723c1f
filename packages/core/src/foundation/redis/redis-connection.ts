import type { Redis as Client, RedisOptions } from 'ioredis'
import { fail } from '../errors/catalog.ts'
import type { Logger } from '../logging/logger.ts'
import { service, type Service } from '../services/service.ts'
import { parseRedisUrl } from './parse-redis-url.ts'
import { requireSuitableServer } from './require-suitable-server.ts'

/** The application's connection to Redis; one for all its commands. */
export interface RedisConnection {
  /**
   * The connection for commands. A command fails at once while Redis is away, and after 2 s when it does not answer, so
   * that a request never hangs on it; reconnecting goes on by itself.
   */
  readonly client: Client
  /** Whether commands would be sent now. */
  readonly isReady: boolean
  /** What every key of this application starts with: its name and a colon. */
  readonly prefix: string
  /** `prefix` and the parts, joined by colons. Channels are named alike. */
  key(...parts: readonly (string | number)[]): string
  /**
   * Another connection, for subscriptions and blocking commands: it waits for Redis however long that takes, and
   * subscribes again after a reconnect. It is closed with the application.
   */
  duplicate(options?: RedisOptions): Client
}

/** Provided where REDIS_URL is set; `runtime.provides(Redis)` tells. */
export const Redis: Service<RedisConnection> = service<RedisConnection>('redis')

export interface RedisConnectionOptions {
  readonly url: string
  /** The application's name. */
  readonly name: string
  readonly log: Logger
  /** Told whenever the connection is made or lost. */
  readonly onChange?: (isReady: boolean) => void
}

export interface OwnedRedisConnection extends RedisConnection {
  /** Connects. A server that is away is waited for in the background; one that cannot serve is refused. */
  start(): Promise<void>
  stop(): Promise<void>
}

const commandTimeout = 2_000
const longestPause = 2_000

/**
 * @throws `REDIS_URL_INVALID`
 */
export function createRedisConnection({ url, name, log, onChange }: RedisConnectionOptions): OwnedRedisConnection {
  const target = parseRedisUrl(url)
  const address = `${target.host}:${target.port}`
  const prefix = `${name}:`
  const base: RedisOptions = {
    ...target,
    lazyConnect: true,
    connectionName: name.replaceAll(/[^\w.-]/g, '-'),
    connectTimeout: 5_000,
    // Jitter, so that all processes do not come back in the same moment.
    commandTimeout,
    // A socket on which nothing comes back is given up, and a new one made.
    socketTimeout: 2 * commandTimeout,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), longestPause) * (0.5 + Math.random() / 2),
  }
  const duplicates = new Set<Client>()
  let client: Client | undefined
  let lost = false
  let stopping = false
  let refusal: Error | undefined

  function watch(connection: Client): void {
    connection.on('ready', () => {
      if (lost) log.info({ address }, 'Redis is back')
      lost = false
      onChange?.(true)
    })
    connection.on('close', () => {
      onChange?.(false)
      lose(undefined)
    })
    connection.on('error', (error: Error) => {
      if (isRefusal(error)) refusal ??= error
      lose(error)
    })
  }

  /** One line for each loss, however often connecting fails after it. */
  function lose(error: Error | undefined): void {
    if (lost || stopping) return
    lost = true
    log.error({ ...(error === undefined ? {} : { err: error }), address }, 'Redis cannot be reached; connecting again in the background')
  }

  function started(): Client {
    if (client === undefined) throw fail('SERVICE_NOT_STARTED', { name: Redis.name })
    return client
  }

  return {
    prefix,
    get client() {
      return started()
    },
    get isReady() {
      return client?.status === 'ready'
    },
    key: (...parts) => prefix + parts.join(':'),
    duplicate(options) {
      // The parent knows how to make one, so that the module is not needed here.
      const made = started().duplicate({
        lazyConnect: false,
        enableOfflineQueue: true,
        autoResendUnfulfilledCommands: true,
        maxRetriesPerRequest: null,
        commandTimeout: undefined,
        socketTimeout: undefined,
        ...options,
      })
      made.on('error', (error: Error) => log.debug({ err: error, address }, 'A further connection to Redis failed'))
      made.once('end', () => duplicates.delete(made))
      duplicates.add(made)
      return made
    },
    async start() {
      // Imported here, because an application without REDIS_URL should not pay for it.
      const { Redis: RedisClient } = await import('ioredis')
      client = new RedisClient({ ...base, replyMapping: 'legacy' })
      watch(client)
      const connected = await client.connect().then(
        () => true,
        () => false,
      )
      try {
        if (refusal !== undefined) throw fail('REDIS_UNSUITABLE', { address, reason: refusal.message.replace(/\.+$/, '') }, { cause: refusal })
        if (connected) await requireSuitableServer(client, address, log)
      } catch (error) {
        stopping = true
        client.disconnect()
        throw error
      }
    },
    async stop() {
      stopping = true
      for (const duplicate of duplicates) duplicate.disconnect()
      if (client === undefined) return
      if (client.status === 'ready') await client.quit().catch(() => client?.disconnect())
      else client.disconnect()
    },
  }
}

/** Credentials, certificates and numbers that are refused stay wrong; a server that is away may come back. */
function isRefusal({ message }: Error): boolean {
  return /WRONGPASS|NOAUTH|NOPERM|invalid password|DB index is out of range|wrong version number|certificate|packet length/i.test(message)
}
