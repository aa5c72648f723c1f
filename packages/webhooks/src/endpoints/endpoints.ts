import { randomUUID } from 'node:crypto'
import { sql, type Database } from '@glueful/database'
import type { Clock, Seal } from 'glueful'
import { fail } from '../errors.ts'
import type { TargetPolicy } from '../guard/target-policy.ts'
import { generateSecret, verificationKeyOf, type SigningAlgorithm } from '../signing/signing-key.ts'
import { limitOf, readCursor, toPage, type Page, type Paging } from '../page.ts'
import { readLimits, type DeliveryLimits } from './delivery-limits.ts'
import {
  onlyTenant,
  requireTenant,
  type DisabledReason,
  type Endpoint,
  type EndpointChange,
  type NewEndpoint,
  type ShownSecret,
  type SigningEndpoint,
} from './endpoint.ts'
import { requireFilters } from './event-filter.ts'

export interface EndpointsParts {
  readonly db: Database
  readonly clock: Clock
  readonly seal: Seal
  readonly policy: TargetPolicy
  /** What holds for every endpoint. */
  readonly limits: DeliveryLimits
}

export type Endpoints = ReturnType<typeof createEndpoints>

interface Row {
  readonly id: string
  readonly tenant: string
  readonly url: string
  readonly events: string
  readonly description: string
  readonly concurrency: unknown
  readonly rate_limit: unknown
  readonly rate_per: unknown
  readonly secret: string
  readonly previous_secret: string | null
  readonly previous_until: unknown
  readonly failing_since: unknown
  readonly disabled_at: unknown
  readonly disabled_reason: string | null
  readonly created_at: unknown
}

const mostEndpoints = 100
const numberOf = (value: unknown) => (value === null ? null : Number(value))

/** The receivers of webhooks, by tenant. */
export function createEndpoints({ db, clock, seal, policy, limits }: EndpointsParts) {
  const now = () => Math.round(clock.now())
  const columns = sql`id, tenant, url, events, description, concurrency, rate_limit, rate_per, secret, previous_secret, previous_until, failing_since, disabled_at, disabled_reason, created_at`

  const toEndpoint = (row: Row): Endpoint => ({
    id: row.id,
    tenant: row.tenant,
    url: row.url,
    events: JSON.parse(row.events) as string[],
    description: row.description,
    concurrency: numberOf(row.concurrency),
    rate: row.rate_limit === null ? null : { limit: Number(row.rate_limit), perMs: Number(row.rate_per) },
    createdAt: Number(row.created_at),
    failingSince: numberOf(row.failing_since),
    disabledAt: numberOf(row.disabled_at),
    disabledReason: row.disabled_reason as DisabledReason | null,
  })

  const rowOf = (id: string) => db.first<Row>(sql`select ${columns} from webhook_endpoints where id = ${id}`, { fresh: true })

  async function requireRow(id: string, tenant: string | undefined): Promise<Row> {
    const row = await rowOf(id)
    // Somebody else's endpoint is as unknown as none.
    if (row === undefined || (tenant !== undefined && row.tenant !== tenant)) throw fail('WEBHOOK_ENDPOINT_UNKNOWN', undefined)
    return row
  }

  async function create({
    tenant = onlyTenant,
    url,
    events = ['*'],
    description = '',
    algorithm = 'hmac',
    ...own
  }: NewEndpoint): Promise<Endpoint & ShownSecret> {
    requireTenant(tenant)
    policy.read(url)
    requireFilters(events)
    const { concurrency = null, rate = null } = readLimits(own, limits)
    const secret = generateSecret(algorithm)
    const id = `ep_${randomUUID()}`
    return db.transaction(async () => {
      const there = await db.first<{ count: unknown }>(sql`select count(*) as count from webhook_endpoints where tenant = ${tenant}`)
      if (Number(there?.count) >= mostEndpoints) throw fail('WEBHOOK_LIMIT_REACHED', { limit: mostEndpoints })
      await db.run(sql`insert into webhook_endpoints (id, tenant, url, events, description, concurrency, rate_limit, rate_per, secret, created_at)
        values (${id}, ${tenant}, ${url}, ${JSON.stringify(events)}, ${description.slice(0, 255)}, ${concurrency}, ${rate?.limit ?? null},
          ${rate?.perMs ?? null}, ${seal.seal(secret, id)}, ${now()})`)
      return { ...toEndpoint(await requireRow(id, tenant)), secret: verificationKeyOf(secret) }
    })
  }

  async function change(id: string, { url, events, description, disabled, ...own }: EndpointChange, tenant?: string): Promise<Endpoint> {
    if (url !== undefined) policy.read(url)
    if (events !== undefined) requireFilters(events)
    const said = readLimits(own, limits)
    const row = await requireRow(id, tenant)
    const { concurrency, rate } = { ...toEndpoint(row), ...said }
    await db.run(sql`update webhook_endpoints set url = ${url ?? row.url}, events = ${events === undefined ? row.events : JSON.stringify(events)},
      description = ${(description ?? row.description).slice(0, 255)}, concurrency = ${concurrency}, rate_limit = ${rate?.limit ?? null},
      rate_per = ${rate?.perMs ?? null} where id = ${id}`)
    if (disabled === true) await disable(id, 'manual')
    if (disabled === false) await db.run(sql`update webhook_endpoints set disabled_at = null, disabled_reason = null, failing_since = null where id = ${id}`)
    return toEndpoint(await requireRow(id, tenant))
  }

  /** True when it was delivering until now. */
  async function disable(id: string, reason: DisabledReason): Promise<boolean> {
    const { rowCount } = await db.run(
      sql`update webhook_endpoints set disabled_at = ${now()}, disabled_reason = ${reason} where id = ${id} and disabled_at is null`,
    )
    return rowCount === 1
  }

  return {
    create,
    change,
    disable,
    find: async (id: string, tenant?: string): Promise<Endpoint> => toEndpoint(await requireRow(id, tenant)),
    findIfThere: async (id: string): Promise<Endpoint | undefined> => {
      const row = await rowOf(id)
      return row === undefined ? undefined : toEndpoint(row)
    },
    /** The oldest first. */
    list: async ({ tenant, ...paging }: Paging & { readonly tenant?: string | undefined } = {}): Promise<Page<Endpoint>> => {
      const after = readCursor(paging)
      const conditions = [
        sql`1 = 1`,
        ...(tenant === undefined ? [] : [sql`tenant = ${tenant}`]),
        ...(after === undefined ? [] : [sql`(created_at > ${after.at} or (created_at = ${after.at} and id > ${after.id}))`]),
      ]
      const rows = await db.all<Row>(
        sql`select ${columns} from webhook_endpoints where ${sql.join(conditions, sql` and `)} order by created_at, id limit ${limitOf(paging) + 1}`,
      )
      return toPage(rows, paging, ({ created_at, id }) => ({ at: Number(created_at), id }), toEndpoint)
    },
    /** Those of a tenant that get anything at all. */
    active: async (tenant: string): Promise<readonly Endpoint[]> =>
      (await db.all<Row>(sql`select ${columns} from webhook_endpoints where tenant = ${tenant} and disabled_at is null`, { fresh: true })).map(toEndpoint),
    /** For who signs; undefined where it was removed. */
    forSigning: async (id: string): Promise<SigningEndpoint | undefined> => {
      const row = await rowOf(id)
      if (row === undefined) return undefined
      const overlaps = row.previous_secret !== null && Number(row.previous_until) > now()
      return { ...toEndpoint(row), secrets: [row.secret, ...(overlaps ? [row.previous_secret] : [])].map((sealed) => seal.open(sealed as string, id)) }
    },
    /** A new secret signs at once; the one before signs beside it until `overlapMs` have passed. */
    rotate: async (id: string, overlapMs: number, tenant?: string): Promise<Endpoint & ShownSecret> => {
      const row = await requireRow(id, tenant)
      const algorithm: SigningAlgorithm = seal.open(row.secret, id).startsWith('whsk_') ? 'ed25519' : 'hmac'
      const secret = generateSecret(algorithm)
      await db.run(
        sql`update webhook_endpoints set previous_secret = ${row.secret}, previous_until = ${now() + overlapMs}, secret = ${seal.seal(secret, id)} where id = ${id}`,
      )
      return { ...toEndpoint(await requireRow(id, tenant)), secret: verificationKeyOf(secret) }
    },
    /** With its deliveries that still wait: they find no endpoint, and end. */
    remove: async (id: string, tenant?: string): Promise<void> => {
      await requireRow(id, tenant)
      await db.run(sql`delete from webhook_endpoints where id = ${id}`)
    },
    /** Remembers since when every attempt has failed; gives the ms that have passed since. */
    noteFailure: async (id: string): Promise<number> => {
      await db.run(sql`update webhook_endpoints set failing_since = ${now()} where id = ${id} and failing_since is null`)
      return now() - Number((await rowOf(id))?.failing_since ?? now())
    },
    noteSuccess: async (id: string): Promise<void> => {
      await db.run(sql`update webhook_endpoints set failing_since = null where id = ${id} and failing_since is not null`)
    },
    /** How many fail at the moment, and how many are disabled, by reason; for metrics. */
    counts: async (): Promise<{ readonly failing: number; readonly disabled: Readonly<Record<DisabledReason, number>> }> => {
      const disabled = { manual: 0, gone: 0, failing: 0 }
      let failing = 0
      const rows = await db.all<{ reason: DisabledReason | null; failing: unknown; count: unknown }>(sql`select disabled_reason as reason,
        count(failing_since) as failing, count(*) as count from webhook_endpoints group by disabled_reason`)
      for (const row of rows) {
        if (row.reason === null) failing = Number(row.failing)
        else disabled[row.reason] = Number(row.count)
      }
      return { failing, disabled }
    },
  }
}
