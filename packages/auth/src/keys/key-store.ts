import { sql, type Database } from '@glueful/database'
import { service, type Clock, type Seal, type Service } from 'glueful'
import { TokenKeyChanged } from '../events.ts'
import { fresh } from '../fresh.ts'
import type { Record } from '../record.ts'
import { generateTokenKey, readTokenKey, type TokenAlgorithm, type TokenKey } from '../tokens/token-key.ts'

/** The keys in the database: what `glueful key` works on. */
export interface KeyStore {
  list(): Promise<readonly TokenKey[]>
  /** Another text whenever `list` would bring other keys. */
  version(): Promise<string>
  /** A key that signs at once. */
  generate(algorithm?: StoredAlgorithm): Promise<TokenKey>
  /**
   * A key that takes over after `overlap` ms, by when everybody who keeps the published keys has fetched them again. The
   * keys before it verify until the last token that they signed has expired.
   */
  rotate(options?: { readonly algorithm?: StoredAlgorithm; readonly overlap?: number }): Promise<TokenKey>
  /** Ends a key at once: tokens that it signed are refused from now on. Resolves to whether there was one. */
  retire(kid: string): Promise<boolean>
}

export type StoredAlgorithm = Exclude<TokenAlgorithm, 'HS256'>

export const KeyStore: Service<KeyStore> = service<KeyStore>('key store')

export interface KeyStoreParts {
  readonly db: Database
  readonly clock: Clock
  readonly seal: Seal
  readonly record: Record
  readonly algorithm: StoredAlgorithm
  /** How long tokens may be in use, in ms: their lifetime and the skew. */
  readonly tokenLifetime: number
}

interface Row {
  readonly kid: string
  readonly private_key: string
  readonly active_from: number
  readonly retires_at: number | null
}

/** Twice as long as the answer with the published keys may be kept. */
export const defaultOverlap = 600_000

export function createKeyStore({ db, clock, seal, record, algorithm: preferred, tokenLifetime }: KeyStoreParts): KeyStore {
  const inUse = () => sql`retires_at is null or retires_at > ${clock.now()}`

  async function list(): Promise<readonly TokenKey[]> {
    const rows = await db.all<Row>(sql`select kid, private_key, active_from, retires_at from auth_keys where ${inUse()} order by active_from, kid`, fresh)
    return Promise.all(
      rows.map(async (row) => {
        const retiresAt = row.retires_at === null ? undefined : Number(row.retires_at)
        return readTokenKey(seal.open(row.private_key, row.kid), `auth_keys, kid ${row.kid}`, {
          activeFrom: Number(row.active_from),
          ...(retiresAt === undefined ? {} : { retiresAt }),
        })
      }),
    )
  }

  async function add(algorithm: StoredAlgorithm, activeFrom: number): Promise<TokenKey> {
    const key = { ...(await generateTokenKey(algorithm)), activeFrom }
    const privateKey = seal.seal(key.signing?.export({ type: 'pkcs8', format: 'pem' }) as string, key.kid)
    const publicKey = key.verifying.export({ type: 'spki', format: 'pem' }) as string
    await db.run(sql`insert into auth_keys (kid, algorithm, public_key, private_key, created_at, active_from, retires_at)
      values (${key.kid}, ${algorithm}, ${publicKey}, ${privateKey}, ${clock.now()}, ${activeFrom}, ${null})`)
    return key
  }

  const changed = (kid: string, change: 'generated' | 'rotated' | 'retired') =>
    record(TokenKeyChanged, { kid, change }, { actor: null, action: `token-key.${change}`, target: `token-key:${kid}`, result: 'ok' })

  return {
    list,
    async version() {
      const rows = await db.all<Pick<Row, 'kid' | 'retires_at'>>(sql`select kid, retires_at from auth_keys where ${inUse()} order by kid`, fresh)
      return rows.map((row) => `${row.kid} ${row.retires_at}`).join()
    },
    generate: (algorithm = preferred) =>
      db.transaction(async () => {
        const key = await add(algorithm, clock.now())
        await changed(key.kid, 'generated')
        return key
      }),
    rotate: ({ algorithm = preferred, overlap = defaultOverlap } = {}) =>
      db.transaction(async () => {
        // Nothing is taken over from where there was no key.
        const activeFrom = clock.now() + ((await list()).length > 0 ? overlap : 0)
        await db.run(sql`update auth_keys set retires_at = ${activeFrom + tokenLifetime} where retires_at is null`)
        const key = await add(algorithm, activeFrom)
        await changed(key.kid, 'rotated')
        return key
      }),
    retire: (kid) =>
      db.transaction(async () => {
        const now = clock.now()
        const { rowCount } = await db.run(sql`update auth_keys set retires_at = ${now} where kid = ${kid} and (retires_at is null or retires_at > ${now})`)
        if (rowCount > 0) await changed(kid, 'retired')
        return rowCount > 0
      }),
  }
}
