import { sql, type Database } from '@glueful/database'
import { service, type Clock, type Service } from 'glueful'
import { hashSecret, randomSecret } from '../secret-text.ts'

/** What a link in a letter stands for. */
export interface OneTimeGrant {
  readonly userId: string
  /** What it was made for: an address, say. */
  readonly about: string
}

/** Tokens that work once and not for long, for links that are sent to users. Only hashes are stored. */
export interface OneTimeTokens {
  /** A new token; those of the same purpose that the user had before work no longer. `lifetime` in ms. */
  issue(purpose: string, grant: OneTimeGrant, lifetime: number): Promise<string>
  /** What the token stands for, to one caller only; undefined for one that is unknown, used or expired. */
  redeem(purpose: string, token: string): Promise<OneTimeGrant | undefined>
  prune(): Promise<void>
}

export const OneTimeTokens: Service<OneTimeTokens> = service<OneTimeTokens>('one-time tokens')

const format = /^[\w-]{43}$/

export function createOneTimeTokens({ db, clock }: { readonly db: Database; readonly clock: Clock }): OneTimeTokens {
  return {
    issue: (purpose, { userId, about }, lifetime) =>
      db.transaction(async () => {
        const token = randomSecret()
        const now = clock.now()
        await db.run(sql`update auth_one_time_tokens set used_at = ${now} where user_id = ${userId} and purpose = ${purpose} and used_at is null`)
        await db.run(sql`insert into auth_one_time_tokens (hash, purpose, user_id, about, created_at, expires_at, used_at)
          values (${hashSecret(token)}, ${purpose}, ${userId}, ${about}, ${now}, ${now + lifetime}, ${null})`)
        return token
      }),
    async redeem(purpose, token) {
      if (!format.test(token)) return undefined
      const hash = hashSecret(token)
      const now = clock.now()
      const { rowCount } = await db.run(
        sql`update auth_one_time_tokens set used_at = ${now} where hash = ${hash} and purpose = ${purpose} and used_at is null and expires_at > ${now}`,
      )
      if (rowCount === 0) return undefined
      const row = await db.first<{ user_id: string; about: string }>(sql`select user_id, about from auth_one_time_tokens where hash = ${hash}`)
      return row === undefined ? undefined : { userId: row.user_id, about: row.about }
    },
    prune: async () => void (await db.run(sql`delete from auth_one_time_tokens where expires_at < ${clock.now() - 86_400_000}`)),
  }
}
