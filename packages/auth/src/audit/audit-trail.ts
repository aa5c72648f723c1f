import { sql, type Database, type Sql } from '@glueful/database'
import { service, type AuditEntry, type AuditLog, type Clock, type Redactor, type Service } from 'glueful'
import { fail } from '../errors.ts'
import { createChainWalk, firstHash, hashRow, type AuditBreak, type AuditRow } from './audit-chain.ts'
import type { AuditSeal, ChainEnd } from './audit-seal.ts'
import { boundEntry } from './bound-entry.ts'

/** Which entries; times in ms since the epoch, `from` included and `to` not. */
export interface AuditFilter {
  readonly actor?: string
  /** One action, or all below it: `login.failed`, `login.*`. */
  readonly action?: string
  readonly target?: string
  readonly result?: AuditEntry['result']
  /** What one request did: its `X-Request-Id`. */
  readonly requestId?: string
  readonly ip?: string
  readonly from?: number
  readonly to?: number
}

export interface AuditPage {
  /** Latest first. */
  readonly items: readonly AuditRow[]
  /** Give it as `before` for the next page; undefined on the last. */
  readonly next: number | undefined
}

export interface AuditVerification {
  /** Entries that were looked at. */
  readonly entries: number
  /** The last entry: keep it outside of the database and give it to the next verification. */
  readonly head: AuditAnchor
  /** The first thing that is wrong; undefined when nothing is. */
  readonly broken: AuditBreak | undefined
}

/** An entry as somebody remembers it who keeps it elsewhere. */
export interface AuditAnchor {
  readonly seq: number
  readonly hash: string
}

/** The audit log of the application's database. */
export interface AuditTrail extends AuditLog {
  /** @throws `AUDIT_HEAD_BROKEN` when somebody has changed where the chain ends */
  record(entry: AuditEntry): Promise<void>
  search(filter?: AuditFilter, page?: { readonly before?: number; readonly limit?: number }): Promise<AuditPage>
  /** All entries of the filter, oldest first, read a few hundred at a time. */
  entries(filter?: AuditFilter): AsyncIterable<AuditRow>
  /** Follows the chain from its start to its head. With an anchor, a chain that was put back to an earlier state is found too. */
  verify(anchor?: AuditAnchor): Promise<AuditVerification>
  /**
   * Deletes the entries before a time; the chain of what is left can still be verified. Both ends are sealed under the
   * current key, also where nothing is deleted. Resolves to how many there were.
   */
  prune(before: number): Promise<number>
  /** Goes on after a manipulation, from the last entry that is there: what was wrong stays wrong, and this is an entry too. */
  reseal(reason: string): Promise<void>
}

export const AuditTrail: Service<AuditTrail> = service<AuditTrail>('audit trail')

export interface AuditTrailParts {
  readonly db: Database
  readonly clock: Clock
  readonly seal: AuditSeal
  readonly redact: Redactor
}

interface EndRow {
  readonly seq: number
  readonly hash: string
  readonly seal: string
}

const columns = sql`seq, at, actor, action, target, was as before_text, became as after_text, result, request_id, ip, previous, hash`
const batch = 500

export function createAuditTrail({ db, clock, seal, redact }: AuditTrailParts): AuditTrail {
  async function endOf(id: ChainEnd['id']): Promise<EndRow | undefined> {
    const row = await db.first<EndRow>(sql`select seq, hash, seal from auth_audit_ends where id = ${id}`)
    return row === undefined ? undefined : { ...row, seq: Number(row.seq) }
  }

  /** An end that nobody has moved: nothing was ever written, or the application has sealed it. */
  const isWhole = (id: ChainEnd['id'], { seq, hash, seal: found }: EndRow) =>
    (seq === 0 && hash === firstHash && found === '') || seal.holds({ id, seq, hash }, found)

  async function moveEnd(end: ChainEnd): Promise<void> {
    await db.run(sql`update auth_audit_ends set seq = ${end.seq}, hash = ${end.hash}, seal = ${seal.seal(end)} where id = ${end.id}`)
  }

  /** The head, and nobody else's until this transaction is over: so the order of entries is the order of commits. */
  async function takeHead(): Promise<EndRow> {
    // SQLite has one writer at a time anyway.
    const lock = db.dialect === 'sqlite' ? sql`` : sql` for update`
    const row = await db.first<EndRow>(sql`select seq, hash, seal from auth_audit_ends where id = ${'head'}${lock}`)
    if (row === undefined) throw fail('AUDIT_HEAD_BROKEN', { reason: 'it is missing' })
    return { ...row, seq: Number(row.seq) }
  }

  async function append(entry: AuditEntry, head: AuditAnchor): Promise<void> {
    const content = { seq: head.seq + 1, at: Math.round(clock.now()), ...boundEntry(entry, redact), previous: head.hash }
    const row: AuditRow = { ...content, hash: hashRow(content) }
    const { seq, at, actor, action, target, before, after, result, requestId, ip, previous, hash } = row
    await db.run(sql`insert into auth_audit (seq, at, actor, action, target, was, became, result, request_id, ip, previous, hash)
      values (${seq}, ${at}, ${actor}, ${action}, ${target}, ${before}, ${after}, ${result}, ${requestId}, ${ip}, ${previous}, ${hash})`)
    await moveEnd({ id: 'head', seq, hash })
  }

  async function record(entry: AuditEntry): Promise<void> {
    await db.transaction(async () => {
      const head = await takeHead()
      // Sealing over a head that was moved would make the manipulation good.
      if (!isWhole('head', head)) throw fail('AUDIT_HEAD_BROKEN', { reason: 'its seal does not fit' })
      await append(entry, head)
    })
  }

  /** Under the current key, so that an earlier one can go. */
  async function sealAnew({ seq, hash }: EndRow): Promise<void> {
    await moveEnd({ id: 'head', seq, hash })
    const start = await endOf('start')
    if (start !== undefined && isWhole('start', start)) await moveEnd({ id: 'start', seq: start.seq, hash: start.hash })
  }

  const all = async (where: Sql, order: Sql, limit: number) =>
    (await db.all<StoredRow>(sql`select ${columns} from auth_audit where ${where} order by ${order} limit ${limit}`)).map(toRow)

  async function* entries(filter: AuditFilter = {}): AsyncGenerator<AuditRow> {
    for (let last = 0; ;) {
      const rows = await all(sql`${conditionOf(filter)} and seq > ${last}`, sql`seq`, batch)
      yield* rows
      if (rows.length < batch) return
      last = rows.at(-1)?.seq ?? last
    }
  }

  async function walk(anchor: AuditAnchor | undefined): Promise<AuditVerification> {
    const [start, head] = [await endOf('start'), await endOf('head')]
    const none = { seq: 0, hash: firstHash }
    if (start === undefined || !isWhole('start', start))
      return { entries: 0, head: none, broken: { seq: start?.seq ?? 0, kind: 'start', reason: 'the start of the chain was changed' } }
    const chain = createChainWalk(start)
    let seen = 0
    let known = anchor === undefined || (anchor.seq === start.seq && anchor.hash === start.hash) || anchor.seq < start.seq
    const result = (broken?: AuditBreak): AuditVerification => ({ entries: seen, head: { seq: chain.last.seq, hash: chain.last.hash }, broken })
    for await (const row of entries()) {
      const broken = chain.next(row)
      if (broken !== undefined) return result(broken)
      seen++
      known ||= row.seq === anchor?.seq && row.hash === anchor.hash
    }
    const { seq, hash } = chain.last
    if (head === undefined || !isWhole('head', head)) return result({ seq, kind: 'head', reason: 'where the chain ends was changed' })
    if (head.seq !== seq || head.hash !== hash) return result({ seq: seq + 1, kind: 'cut', reason: `the chain ends at ${seq}, and ended at ${head.seq}` })
    if (!known) return result({ seq: anchor?.seq ?? 0, kind: 'anchor', reason: `entry ${anchor?.seq} is not the one of the anchor` })
    return result()
  }

  return {
    record,
    entries,
    async search(filter = {}, { before, limit = 50 } = {}) {
      const page = before === undefined ? sql`1 = 1` : sql`seq < ${before}`
      const rows = await all(sql`${conditionOf(filter)} and ${page}`, sql`seq desc`, limit + 1)
      const items = rows.slice(0, limit)
      return { items, next: rows.length > limit ? items.at(-1)?.seq : undefined }
    },
    verify: (anchor) => db.transaction(() => walk(anchor), db.dialect === 'sqlite' ? { readOnly: true } : { readOnly: true, isolation: 'repeatable read' }),
    prune: (before) =>
      db.transaction(async () => {
        const head = await takeHead()
        if (!isWhole('head', head)) throw fail('AUDIT_HEAD_BROKEN', { reason: 'its seal does not fit' })
        // Up to the first entry that stays: clocks of several machines are not one.
        const stays = await db.first<{ seq: number | null }>(sql`select min(seq) as seq from auth_audit where at >= ${before}`)
        const [last] = stays?.seq == null ? await all(sql`1 = 1`, sql`seq desc`, 1) : await all(sql`seq < ${Number(stays.seq)}`, sql`seq desc`, 1)
        if (last === undefined) {
          await sealAnew(head)
          return 0
        }
        await moveEnd({ id: 'start', seq: last.seq, hash: last.hash })
        const { rowCount } = await db.run(sql`delete from auth_audit where seq <= ${last.seq}`)
        await append({ ...byHand, action: 'audit.pruned', after: { before, entries: rowCount, upTo: last.seq } }, head)
        return rowCount
      }),
    reseal: (reason) =>
      db.transaction(async () => {
        const { seq, hash } = await takeHead()
        const [last] = await all(sql`1 = 1`, sql`seq desc`, 1)
        const start = await endOf('start')
        await append({ ...byHand, action: 'audit.resealed', after: { reason, found: { seq, hash } } }, last ?? start ?? { seq: 0, hash: firstHash })
      }),
  }
}

const byHand: AuditEntry = { actor: null, action: '', target: 'audit', result: 'ok', requestId: null, ip: null }

interface StoredRow extends Omit<AuditRow, 'before' | 'after' | 'requestId'> {
  readonly before_text: string | null
  readonly after_text: string | null
  readonly request_id: string | null
}

function toRow({ before_text: before, after_text: after, request_id: requestId, ...row }: StoredRow): AuditRow {
  return { ...row, seq: Number(row.seq), at: Number(row.at), before, after, requestId }
}

function conditionOf({ actor, action, target, result, requestId, ip, from, to }: AuditFilter): Sql {
  const prefix = action?.endsWith('.*') === true ? action.slice(0, -1) : undefined
  const conditions = [
    actor === undefined ? undefined : sql`actor = ${actor}`,
    action === undefined ? undefined : prefix === undefined ? sql`action = ${action}` : sql`substr(action, 1, ${prefix.length}) = ${prefix}`,
    target === undefined ? undefined : sql`target = ${target}`,
    result === undefined ? undefined : sql`result = ${result}`,
    requestId === undefined ? undefined : sql`request_id = ${requestId}`,
    ip === undefined ? undefined : sql`ip = ${ip}`,
    from === undefined ? undefined : sql`at >= ${from}`,
    to === undefined ? undefined : sql`at < ${to}`,
  ]
  return conditions.filter((one) => one !== undefined).reduce((all, one) => sql`${all} and ${one}`, sql`1 = 1`)
}
