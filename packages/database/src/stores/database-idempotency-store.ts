import type { IdempotencyStore, KeyClaim, KeyClaimOutcome, KeyClaimRequest } from 'glueful'
import type { Database } from '../connection/database.ts'
import { sql } from '../sql/sql.ts'
import { outsideTransaction } from '../transaction/scope.ts'
import { insertNew } from './insert-statements.ts'
import { storeKey } from './store-key.ts'
import { decodeText, encodeText } from './stored-text.ts'

interface Row {
  readonly fingerprint: string
  readonly owner: string
  readonly claimed_until: number
  readonly kept_until: number
  readonly answer: string | null
}

/** How often one process removes keys whose time is over, in ms. */
const sweepEvery = 300_000

/**
 * Keys and answers in the database. A claim is committed at once, so that copies see it; the answer is kept by an update
 * that only the holder of the claim can make, in the transaction of the work. Whoever loses the claim cannot commit.
 */
export function createDatabaseIdempotencyStore(database: Database): IdempotencyStore {
  let sweptAt = -Infinity

  const find = (id: string) => database.first<Row>(sql`select fingerprint, owner, claimed_until, kept_until, answer from glueful_idempotency where id = ${id}`)

  async function claim(request: KeyClaimRequest): Promise<KeyClaimOutcome> {
    const { key, owner, fingerprint, leaseMs, keepMs, now } = request
    const id = storeKey(key)
    const claimedUntil = now + leaseMs
    for (;;) {
      // Read first: while another transaction writes, SQLite lets readers through and writers wait.
      const row = await find(id)
      if (row === undefined) {
        const values = { id, fingerprint, owner, claimed_until: claimedUntil, kept_until: claimedUntil + keepMs, answer: null }
        const { rowCount } = await database.run(insertNew(database.dialect, 'glueful_idempotency', values))
        if (rowCount === 1) return { state: 'claimed' }
      } else if (Number(row.kept_until) <= now) {
        await database.run(sql`delete from glueful_idempotency where id = ${id} and kept_until <= ${now}`)
      } else if (row.answer !== null) {
        return { state: 'done', fingerprint: row.fingerprint, answer: decodeText(row.answer) }
      } else if (Number(row.claimed_until) > now) {
        return { state: 'in-flight', fingerprint: row.fingerprint }
      } else {
        const { rowCount } = await database.run(sql`
          update glueful_idempotency set owner = ${owner}, fingerprint = ${fingerprint}, claimed_until = ${claimedUntil}, kept_until = ${claimedUntil + keepMs}
          where id = ${id} and owner = ${row.owner} and answer is null and claimed_until <= ${now}`)
        if (rowCount === 1) return { state: 'claimed' }
      }
    }
  }

  async function sweep(now: number): Promise<void> {
    if (now - sweptAt < sweepEvery) return
    sweptAt = now
    await database.run(sql`delete from glueful_idempotency where kept_until <= ${now}`)
  }

  return {
    name: 'database',
    isTransactional: true,
    claim: (request) =>
      outsideTransaction(async () => {
        await sweep(request.now)
        return claim(request)
      }),
    async complete({ key, owner }: KeyClaim, answer, keptUntil) {
      const { rowCount } = await database.run(sql`
        update glueful_idempotency set answer = ${encodeText(answer)}, kept_until = ${keptUntil}
        where id = ${storeKey(key)} and owner = ${owner} and answer is null`)
      return rowCount === 1
    },
    async abandon({ key, owner }) {
      await outsideTransaction(() => database.run(sql`delete from glueful_idempotency where id = ${storeKey(key)} and owner = ${owner} and answer is null`))
    },
  }
}
