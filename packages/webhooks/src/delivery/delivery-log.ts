import { randomUUID } from 'node:crypto'
import { sql, type Database } from '@glueful/database'
import type { Clock } from 'glueful'
import { limitOf, readCursor, toPage, type Page, type Paging } from '../page.ts'
import { fail } from '../errors.ts'

export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'cancelled'
export type AttemptOutcome = 'delivered' | 'rejected' | 'gone' | 'unreachable' | 'refused'

/** One message on its way to one endpoint. */
export interface Delivery {
  readonly id: string
  readonly endpointId: string
  /** `webhook-id`: the same for all endpoints and in every attempt. */
  readonly messageId: string
  readonly tenant: string
  readonly event: string
  readonly status: DeliveryStatus
  readonly attempts: number
  readonly createdAt: number
  readonly nextAttemptAt: number | null
  readonly finishedAt: number | null
}

export interface DeliveryAttempt {
  readonly number: number
  readonly at: number
  readonly durationMs: number
  readonly outcome: AttemptOutcome
  readonly responseStatus: number | null
  /** The first 4 KB, without what looks like a secret. */
  readonly responseBody: string | null
  readonly error: string | null
}

/** The latest first. */
export interface DeliveryFilter extends Paging {
  readonly tenant?: string | undefined
  readonly endpointId?: string | undefined
  readonly status?: DeliveryStatus | undefined
  readonly event?: string | undefined
  /** Made at or after, in ms since the epoch. */
  readonly since?: number | undefined
  /** Made before. */
  readonly until?: number | undefined
}

export interface NewMessage {
  readonly id: string
  readonly tenant: string
  readonly event: string
  readonly body: string
}

interface Row {
  readonly id: string
  readonly endpoint_id: string
  readonly message_id: string
  readonly tenant: string
  readonly event: string
  readonly status: string
  readonly attempts: unknown
  readonly round_start: unknown
  readonly created_at: unknown
  readonly next_attempt_at: unknown
  readonly finished_at: unknown
  readonly body: string
}

interface AttemptRow {
  readonly number: unknown
  readonly at: unknown
  readonly duration_ms: unknown
  readonly outcome: string
  readonly response_status: unknown
  readonly response_body: string | null
  readonly error: string | null
}

export type DeliveryLog = ReturnType<typeof createDeliveryLog>

const timeOf = (value: unknown) => (value === null ? null : Number(value))

/** What was sent where, each attempt of it, and what is still to be sent. */
export function createDeliveryLog(db: Database, clock: Clock) {
  const now = () => Math.round(clock.now())
  const from = sql`select d.id, d.endpoint_id, d.message_id, m.tenant, m.event, m.body, d.status, d.attempts, d.round_start, d.created_at, d.next_attempt_at, d.finished_at
    from webhook_deliveries d join webhook_messages m on m.id = d.message_id`
  const toDelivery = (row: Row): Delivery => ({
    id: row.id,
    endpointId: row.endpoint_id,
    messageId: row.message_id,
    tenant: row.tenant,
    event: row.event,
    status: row.status as DeliveryStatus,
    attempts: Number(row.attempts),
    createdAt: Number(row.created_at),
    nextAttemptAt: timeOf(row.next_attempt_at),
    finishedAt: timeOf(row.finished_at),
  })

  async function find(id: string, tenant?: string): Promise<Delivery> {
    const row = await db.first<Row>(sql`${from} where d.id = ${id}`, { fresh: true })
    if (row === undefined || (tenant !== undefined && row.tenant !== tenant)) throw fail('WEBHOOK_DELIVERY_UNKNOWN', undefined)
    return toDelivery(row)
  }

  return {
    find,
    /** Stores a message with one delivery for each endpoint; gives the ids of the deliveries. */
    add: async ({ id, tenant, event, body }: NewMessage, endpointIds: readonly string[]): Promise<readonly string[]> => {
      const at = now()
      const ids = endpointIds.map(() => `dlv_${randomUUID()}`)
      await db.run(sql`insert into webhook_messages (id, tenant, event, body, created_at) values (${id}, ${tenant}, ${event}, ${body}, ${at})`)
      const rows = ids.map((delivery, index) => sql`(${delivery}, ${id}, ${endpointIds[index]}, ${'pending'}, ${0}, ${0}, ${at}, ${at})`)
      await db.run(
        sql`insert into webhook_deliveries (id, message_id, endpoint_id, status, attempts, round_start, created_at, next_attempt_at) values ${sql.join(rows)}`,
      )
      return ids
    },
    list: async ({ tenant, endpointId, status, event, since, until, ...paging }: DeliveryFilter = {}): Promise<Page<Delivery>> => {
      const before = readCursor(paging)
      // Both columns say the same; each is in an index with what is asked for.
      const madeAt = endpointId === undefined ? sql`m.created_at` : sql`d.created_at`
      const conditions = [
        sql`1 = 1`,
        ...(tenant === undefined ? [] : [sql`m.tenant = ${tenant}`]),
        ...(endpointId === undefined ? [] : [sql`d.endpoint_id = ${endpointId}`]),
        ...(status === undefined ? [] : [sql`d.status = ${status}`]),
        ...(event === undefined ? [] : [sql`m.event = ${event}`]),
        ...(since === undefined ? [] : [sql`${madeAt} >= ${since}`]),
        ...(until === undefined ? [] : [sql`${madeAt} < ${until}`]),
        ...(before === undefined ? [] : [sql`(${madeAt} < ${before.at} or (${madeAt} = ${before.at} and d.id < ${before.id}))`]),
      ]
      const rows = await db.all<Row>(sql`${from} where ${sql.join(conditions, sql` and `)} order by ${madeAt} desc, d.id desc limit ${limitOf(paging) + 1}`)
      return toPage(rows, paging, ({ created_at, id }) => ({ at: Number(created_at), id }), toDelivery)
    },
    /** The first attempt first. */
    attempts: async (id: string, { tenant, ...paging }: Paging & { readonly tenant?: string | undefined } = {}): Promise<Page<DeliveryAttempt>> => {
      const after = readCursor(paging)
      await find(id, tenant)
      const rows = await db.all<AttemptRow>(
        sql`select number, at, duration_ms, outcome, response_status, response_body, error from webhook_attempts
          where delivery_id = ${id} and number > ${after?.at ?? 0} order by number limit ${limitOf(paging) + 1}`,
        { fresh: true },
      )
      return toPage(
        rows,
        paging,
        (row) => ({ at: Number(row.number), id: 'attempt' }),
        (row) => ({
          number: Number(row.number),
          at: Number(row.at),
          durationMs: Number(row.duration_ms),
          outcome: row.outcome as AttemptOutcome,
          responseStatus: row.response_status === null ? null : Number(row.response_status),
          responseBody: row.response_body,
          error: row.error,
        }),
      )
    },
    /** What an attempt needs; undefined where the delivery is gone or has ended. */
    pending: async (id: string): Promise<(Delivery & { readonly body: string; readonly roundStart: number }) | undefined> => {
      const row = await db.first<Row>(sql`${from} where d.id = ${id} and d.status = ${'pending'}`, { fresh: true })
      return row === undefined ? undefined : { ...toDelivery(row), body: row.body, roundStart: Number(row.round_start) }
    },
    countPending: async (): Promise<number> =>
      Number((await db.first<{ count: unknown }>(sql`select count(*) as count from webhook_deliveries where status = ${'pending'}`))?.count ?? 0),
    /** Ends a delivery that nobody is there for any more. */
    cancel: async (id: string): Promise<void> => {
      await db.run(
        sql`update webhook_deliveries set status = ${'cancelled'}, next_attempt_at = null, finished_at = ${now()} where id = ${id} and status = ${'pending'}`,
      )
    },
    /** Records an attempt and what comes of it, together; false where another worker was quicker. */
    record: (id: string, attempt: DeliveryAttempt, status: DeliveryStatus, nextAttemptAt: number | null): Promise<boolean> =>
      db.transaction(async () => {
        const { number, at, durationMs, outcome, responseStatus, responseBody, error } = attempt
        const { rowCount } = await db.run(sql`update webhook_deliveries set attempts = ${number}, status = ${status}, next_attempt_at = ${nextAttemptAt},
          finished_at = ${status === 'pending' ? null : now()} where id = ${id} and attempts = ${number - 1} and status = ${'pending'}`)
        if (rowCount === 0) return false
        await db.run(sql`insert into webhook_attempts (delivery_id, number, at, duration_ms, outcome, response_status, response_body, error)
          values (${id}, ${number}, ${at}, ${durationMs}, ${outcome}, ${responseStatus}, ${responseBody}, ${error})`)
        return true
      }),
    /** Begins the retry table anew; the attempts that were made stay. False where the delivery is still under way. */
    reopen: async (id: string): Promise<boolean> => {
      const { rowCount } =
        await db.run(sql`update webhook_deliveries set status = ${'pending'}, round_start = attempts, next_attempt_at = ${now()}, finished_at = null
        where id = ${id} and status <> ${'pending'}`)
      return rowCount === 1
    },
    /** Removes what ended before `time`, a bounded number of rows; gives how many deliveries. */
    prune: (time: number): Promise<number> =>
      db.transaction(async () => {
        const old = await db.all<{ id: string; message_id: string }>(
          sql`select id, message_id from webhook_deliveries where status <> ${'pending'} and finished_at < ${time} order by finished_at limit 1000`,
        )
        if (old.length === 0) return 0
        const ids = sql.join(old.map(({ id }) => id))
        await db.run(sql`delete from webhook_attempts where delivery_id in (${ids})`)
        await db.run(sql`delete from webhook_deliveries where id in (${ids})`)
        await db.run(sql`delete from webhook_messages where id in (${sql.join([...new Set(old.map((one) => one.message_id))])})
          and not exists (select 1 from webhook_deliveries d where d.message_id = webhook_messages.id)`)
        return old.length
      }),
  }
}
