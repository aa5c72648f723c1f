import { group, route, type RateLimitRule } from 'glueful'
import { z } from 'zod'
import { AuditTrail, type AuditFilter } from './audit-trail.ts'
import { shownEntry } from './render-audit.ts'

export interface AuditRoutesOptions {
  /** Default: `/admin/audit`. */
  readonly prefix?: string
  /** Default: 60 times a minute for each caller. */
  readonly limit?: RateLimitRule | false
}

const text = z.string().min(1).max(255).optional()
const time = z.iso.datetime({ offset: true }).optional()
const Search = z.strictObject({
  actor: text,
  action: z
    .string()
    .regex(/^[\w-]+(?:\.[\w-]+)*(?:\.\*)?$/)
    .max(120)
    .optional(),
  target: text,
  result: z.enum(['ok', 'denied', 'failed']).optional(),
  requestId: z.string().min(1).max(128).optional(),
  ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  from: time,
  to: time,
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

const Entry = z.object({
  seq: z.number(),
  at: z.iso.datetime(),
  actor: z.string().nullable(),
  action: z.string(),
  target: z.string().nullable(),
  result: z.enum(['ok', 'denied', 'failed']),
  before: z.unknown(),
  after: z.unknown(),
  requestId: z.string().nullable(),
  ip: z.string().nullable(),
  previous: z.string(),
  hash: z.string(),
})
const Page = z.object({ items: z.array(Entry), next: z.number().nullable() })

/** `GET /admin/audit`: searches the audit log, latest first, for callers with `audit.view`. */
export function auditRoutes({ prefix = '/admin/audit', limit = { attempts: 60, per: '1m' } }: AuditRoutesOptions = {}) {
  return {
    audit: group(
      { prefix, can: 'audit.view', tags: ['audit'], ...(limit === false ? {} : { rateLimit: limit }) },
      {
        search: route.get('', { summary: 'Search the audit log', query: Search, response: Page }, async ({ query, use, setHeader }) => {
          setHeader('cache-control', 'no-store')
          const { before, limit: most, from, to, ...same } = query
          const given = { ...same, from: msOf(from), to: msOf(to) }
          const filter: AuditFilter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
          const { items, next } = await use(AuditTrail).search(filter, { limit: most, ...(before === undefined ? {} : { before }) })
          return { items: items.map(shownEntry), next: next ?? null }
        }),
      },
    ),
  }
}

const msOf = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text))
