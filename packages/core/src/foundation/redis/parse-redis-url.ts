import { isIP } from 'node:net'
import type { RedisOptions } from 'ioredis'
import { fail } from '../errors/catalog.ts'

/**
 * Reads `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS. Parameters after `?` are refused: a
 * driver that ignored one would connect otherwise than it says.
 * @throws `REDIS_URL_INVALID`; the message never shows the URL, which may hold a password
 */
export function parseRedisUrl(text: string): RedisOptions {
  const refuse = (reason: string) => fail('REDIS_URL_INVALID', { reason })
  if (!/^rediss?:\/\//i.test(text) || !URL.canParse(text)) throw refuse('it is no URL that starts with redis:// or rediss://')
  const url = new URL(text)
  if (url.hostname === '') throw refuse('it names no host')
  if (url.search !== '' || url.hash !== '') throw refuse('it has parameters, and none are known')
  const database = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1]
  if (database === undefined) throw refuse(`${JSON.stringify(url.pathname)} is no number of a database`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return {
    host,
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(database),
    ...(url.username === '' ? {} : { username: decode(url.username, refuse) }),
    ...(url.password === '' ? {} : { password: decode(url.password, refuse) }),
    ...(url.protocol === 'rediss:' ? { tls: isIP(host) === 0 ? { servername: host } : {} } : {}),
  }
}

function decode(text: string, refuse: (reason: string) => Error): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw refuse('user or password are not percent-encoded')
  }
}
