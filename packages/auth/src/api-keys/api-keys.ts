import { randomUUID } from 'node:crypto'
import { sql, type Database } from '@glueful/database'
import { service, type Clock, type Service } from 'glueful'
import { fail } from '../errors.ts'
import { ApiKeyChanged, type RequestOrigin } from '../events.ts'
import { fresh } from '../fresh.ts'
import type { Record } from '../record.ts'
import { generateApiKey, hashApiKey, readApiKey, shownPartOf, type ApiKeyMode } from './api-key-text.ts'
import { checkNewKey } from './check-new-key.ts'

/** An API key as it is known after it was shown once. */
export interface ApiKey {
  readonly id: string
  /** Who it acts for. */
  readonly userId: string
  readonly name: string
  /** Its first characters. */
  readonly shown: string
  readonly mode: ApiKeyMode
  /** None: no route that asks for scopes. Wildcards: `orders:*`. */
  readonly scopes: readonly string[]
  /** Addresses and networks it may be used from; empty for any. */
  readonly networks: readonly string[]
  /** Requests a minute. */
  readonly rateLimit: number | undefined
  /** Times are in ms since the epoch. */
  readonly createdAt: number
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  /** The key that took its place. */
  readonly replacedBy: string | undefined
  readonly lastUsedAt: number | undefined
}

export interface NewApiKey {
  readonly userId: string
  readonly name: string
  readonly scopes?: readonly string[]
  readonly networks?: readonly string[]
  readonly rateLimit?: number
  /** Default: never. */
  readonly expiresAt?: number
}

/**
 * Whoever changes a key says for the audit log who they are by `by` – left out it is the system – and by `from` the request
 * that asked for it: `create(key, user.id, ctx)`.
 */
export interface ApiKeys {
  /**
   * `text` is the key itself, to be shown now and never again.
   * @throws `API_KEY_INVALID` for a wildcard in the wrong place, a network that is none, an expiry that has passed
   */
  create(key: NewApiKey, by?: string, from?: RequestOrigin): Promise<{ readonly key: ApiKey; readonly text: string }>
  list(userId?: string): Promise<readonly ApiKey[]>
  find(id: string): Promise<ApiKey | undefined>
  /**
   * A successor with the same rights. The old key works for `grace` ms more, and never longer than it would have.
   * @throws `API_KEY_UNKNOWN` for one that is not there, revoked, expired or replaced
   */
  rotate(id: string, grace: number, by?: string, from?: RequestOrigin): Promise<{ readonly key: ApiKey; readonly text: string }>
  /** From the next request on it is refused. Resolves to whether it was in force. */
  revoke(id: string, by?: string, from?: RequestOrigin): Promise<boolean>
  /** The key of this text, if it is in force and for this environment. */
  authenticate(text: string): Promise<ApiKey | undefined>
}

export const ApiKeys: Service<ApiKeys> = service<ApiKeys>('api keys')

interface Row {
  readonly id: string
  readonly user_id: string
  readonly name: string
  readonly shown: string
  readonly mode: ApiKeyMode
  readonly scopes: string
  readonly networks: string
  readonly rate_limit: number | null
  readonly created_at: number
  readonly expires_at: number | null
  readonly revoked_at: number | null
  readonly replaced_by: string | null
  readonly last_used_at: number | null
}

const columns = sql.raw('id, user_id, name, shown, mode, scopes, networks, rate_limit, created_at, expires_at, revoked_at, replaced_by, last_used_at')

export interface ApiKeysParts {
  readonly db: Database
  readonly clock: Clock
  readonly record: Record
  /** Keys that are made, and that are accepted: live ones in production, test ones elsewhere. */
  readonly mode: ApiKeyMode
}

export function createApiKeys({ db, clock, record, mode }: ApiKeysParts): ApiKeys {
  const inForce = () => sql`revoked_at is null and (expires_at is null or expires_at > ${clock.now()})`

  async function insert(key: NewApiKey): Promise<{ key: ApiKey; text: string }> {
    const text = generateApiKey(mode)
    const made: ApiKey = {
      id: randomUUID(),
      userId: key.userId,
      name: key.name,
      shown: shownPartOf(text),
      mode,
      scopes: key.scopes ?? [],
      networks: key.networks ?? [],
      rateLimit: key.rateLimit,
      createdAt: clock.now(),
      expiresAt: key.expiresAt,
      revokedAt: undefined,
      replacedBy: undefined,
      lastUsedAt: undefined,
    }
    await db.run(sql`insert into auth_api_keys (id, user_id, name, hash, shown, mode, scopes, networks, rate_limit, created_at, expires_at, revoked_at, replaced_by, last_used_at)
      values (${made.id}, ${made.userId}, ${made.name}, ${hashApiKey(text)}, ${made.shown}, ${mode}, ${made.scopes.join(' ')}, ${made.networks.join(' ')},
        ${made.rateLimit ?? null}, ${made.createdAt}, ${made.expiresAt ?? null}, ${null}, ${null}, ${null})`)
    return { key: made, text }
  }

  async function find(id: string): Promise<ApiKey | undefined> {
    const row = await db.first<Row>(sql`select ${columns} from auth_api_keys where id = ${id}`, fresh)
    return row === undefined ? undefined : toKey(row)
  }

  const changed = (key: ApiKey, change: 'created' | 'rotated' | 'revoked', by = '', from?: RequestOrigin) =>
    record(
      ApiKeyChanged,
      { key, change, ...(from === undefined ? {} : { ip: from.ip, requestId: from.requestId }) },
      { actor: by === '' ? null : by, action: `api-key.${change}`, target: `api-key:${key.id}`, result: 'ok' },
    )

  return {
    find,
    create: (key, by, from) =>
      db.transaction(async () => {
        checkNewKey(key, clock.now())
        const made = await insert(key)
        await changed(made.key, 'created', by, from)
        return made
      }),
    async list(userId) {
      const all = sql`select ${columns} from auth_api_keys`
      const rows = await db.all<Row>(userId === undefined ? sql`${all} order by created_at, id` : sql`${all} where user_id = ${userId} order by created_at, id`)
      return rows.map(toKey)
    },
    rotate: (id, grace, by, from) =>
      db.transaction(async () => {
        const old = await find(id)
        if (old === undefined) throw fail('API_KEY_UNKNOWN', { id })
        const { userId, name, scopes, networks, rateLimit, expiresAt } = old
        const made = await insert({
          userId,
          name,
          scopes,
          networks,
          ...(rateLimit === undefined ? {} : { rateLimit }),
          ...(expiresAt === undefined ? {} : { expiresAt }),
        })
        const end = Math.min(clock.now() + grace, expiresAt ?? Infinity)
        const { rowCount } = await db.run(
          sql`update auth_api_keys set expires_at = ${end}, replaced_by = ${made.key.id} where id = ${id} and replaced_by is null and ${inForce()}`,
        )
        if (rowCount === 0) throw fail('API_KEY_UNKNOWN', { id })
        await changed(made.key, 'rotated', by, from)
        return made
      }),
    revoke: (id, by, from) =>
      db.transaction(async () => {
        const { rowCount } = await db.run(sql`update auth_api_keys set revoked_at = ${clock.now()} where id = ${id} and ${inForce()}`)
        if (rowCount > 0) await changed((await find(id)) as ApiKey, 'revoked', by, from)
        return rowCount > 0
      }),
    async authenticate(text) {
      if (readApiKey(text)?.mode !== mode) return undefined
      const row = await db.first<Row>(sql`select ${columns} from auth_api_keys where hash = ${hashApiKey(text)} and mode = ${mode} and ${inForce()}`, fresh)
      return row === undefined ? undefined : toKey(row)
    },
  }
}

function toKey(row: Row): ApiKey {
  const optional = (value: number | null) => (value === null ? undefined : Number(value))
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    shown: row.shown,
    mode: row.mode,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    networks: row.networks === '' ? [] : row.networks.split(' '),
    rateLimit: optional(row.rate_limit),
    createdAt: Number(row.created_at),
    expiresAt: optional(row.expires_at),
    revokedAt: optional(row.revoked_at),
    replacedBy: row.replaced_by ?? undefined,
    lastUsedAt: optional(row.last_used_at),
  }
}
