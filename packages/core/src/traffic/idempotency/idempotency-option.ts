import { hash } from 'node:crypto'
import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Metrics } from '../../foundation/metrics/metrics.ts'
import type { Service } from '../../foundation/services/service.ts'
import { coreSettings, type CoreSettings } from '../../foundation/settings/core-settings.ts'
import { Transactions } from '../../foundation/transactions.ts'
import type { Context } from '../../http/context/context.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import type { Runtime } from '../../http/context/runtime.ts'
import type { Stage } from '../../http/context/stage.ts'
import type { Reply } from '../../http/context/reply.ts'
import { chooseIdempotencyStore } from './choose-idempotency-store.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { IdempotencyStore } from './idempotency-store.ts'
import { readIdempotencyKey } from './read-idempotency-key.ts'
import { createRunOnce } from './run-once.ts'

export interface Idempotency {
  /** Whether a request without a key is refused (400), or served as if the route had no such option. */
  readonly mode: 'required' | 'optional'
  /** How long a key and its answer are remembered. Default: IDEMPOTENCY_TTL (24 h). */
  readonly ttl?: Duration
  /** How long one attempt may hold a key; after a crash a copy is served after that. Default: the route's timeout and 5 s. */
  readonly lease?: Duration
  /** How long a copy waits for the first to be done before it is answered 409. Default: not at all. */
  readonly wait?: Duration
  /**
   * The key of a request that carries it elsewhere, such as an id that its signature covers: then one key counts for
   * all callers of the route, whatever else they ask for. It is called once the body is read; throw to refuse. Default: the header Idempotency-Key.
   */
  readonly key?: (ctx: Context) => string | Promise<string>
  /**
   * Which answers copies get again: `'final'`, all below 500 but 408, 425 and 429; or `'success'`, those below 300, after
   * any other of which the next copy is served anew. Default: `'final'`.
   */
  readonly keep?: 'final' | 'success'
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Serves all copies of a request with one Idempotency-Key by one run of the handler, and the same answer: `'required'`,
     * `'optional'`, or an object that says more. With a database the handler runs in a transaction that keeps the answer
     * as well. For POST, PUT, PATCH and DELETE; other methods ignore it. `false` turns it off in a group. Default: false.
     */
    readonly idempotency?: 'required' | 'optional' | Idempotency | false
  }
}

const unsafe = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
const leaseMargin = 5_000
const members = new Set(['mode', 'ttl', 'lease', 'wait', 'key', 'keep'])

/** Statuses that invite to try again, and that of a client that did not wait: kept, they would answer the next try as well. */
const passing = new Set([408, 425, 429, 499])
const kept: Readonly<Record<NonNullable<Idempotency['keep']>, (reply: Reply) => boolean>> = {
  final: ({ status }) => status < 500 && !passing.has(status),
  success: ({ status }) => status < 300,
}

function read(value: 'required' | 'optional' | Idempotency | false | undefined, route: CompiledRoute): Idempotency | undefined {
  if (value === undefined || value === false) return undefined
  const read = typeof value === 'string' ? { mode: value } : value
  const isKnown = typeof read === 'object' && (read.mode === 'required' || read.mode === 'optional') && Object.hasOwn(kept, read.keep ?? 'final')
  if (!isKnown || Object.keys(read).some((field) => !members.has(field))) throw fail('IDEMPOTENCY_INVALID', { route: route.name, found: JSON.stringify(value) })
  return unsafe.has(route.method) ? read : undefined
}

/** Counted in `glueful_idempotency_requests_total` by route and result: first, replayed, in_flight, mismatch. */
export function createIdempotencyOption(metrics: Metrics) {
  const total = metrics.counter({
    name: 'glueful_idempotency_requests_total',
    help: 'Requests with an Idempotency-Key, by what became of them.',
    labels: ['route', 'result'],
  })
  let chosen: (() => IdempotencyStore) | undefined

  return defineRouteOption({
    name: 'idempotency',
    compile: (value, route, runtime): Stage | undefined => {
      const option = read(value, route)
      if (option === undefined) return undefined
      const store = (chosen ??= chooseIdempotencyStore(runtime))
      const required = option.mode === 'required'
      const runOnce = createRunOnce({
        store,
        transactions: () => (runtime.provides(Transactions) ? runtime.use(Transactions) : undefined),
        ...times(option, route, runtime),
        isKept: kept[option.keep ?? 'final'],
        count: (result) => total.with(route.path, result).inc(),
      })
      const ownKey = option.key
      const ownPlace = async (ctx: Context) => {
        const key = digest([route.name, 'own', (await ownKey?.(ctx)) ?? ''])
        return { key, fingerprint: key }
      }
      return {
        name: 'idempotency',
        phase: 'handle',
        around: (ctx, next) => {
          if (ownKey !== undefined) return runOnce(ctx, next, ownPlace(ctx))
          const key = readIdempotencyKey(ctx.header('idempotency-key'))
          if (key !== undefined)
            return runOnce(
              ctx,
              next,
              fingerprintOf(ctx).then((fingerprint) => ({ key: placeOf(ctx, route, key), fingerprint })),
            )
          if (required) throw fail('IDEMPOTENCY_KEY_MISSING', undefined)
          return next()
        },
      }
    },
    errors: (value, route) => {
      const option = read(value, route)
      if (option === undefined) return []
      const inFlight = { status: 409, code: 'IDEMPOTENCY_IN_FLIGHT', title: 'Conflict' }
      if (option.key !== undefined) return [inFlight]
      return [
        { status: 400, code: option.mode === 'required' ? 'IDEMPOTENCY_KEY_MISSING' : 'IDEMPOTENCY_KEY_INVALID', title: 'Bad Request' },
        inFlight,
        { status: 422, code: 'IDEMPOTENCY_KEY_REUSED', title: 'Unprocessable Content' },
      ]
    },
    openapi: (value, operation, route) => {
      const option = read(value, route)
      if (option === undefined || option.key !== undefined) return
      operation.parameters.push({
        name: 'Idempotency-Key',
        in: 'header',
        required: option.mode === 'required',
        description: 'A new unique value for each operation, the same one for each try of it.',
        schema: { type: 'string', minLength: 1, maxLength: 255, examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'] },
      })
    },
  })
}

function times(option: Idempotency, route: CompiledRoute, runtime: Runtime): { leaseMs: number; keepMs: number; waitMs: number } {
  const { timeout } = route.options
  const name = (field: string) => `idempotency.${field} of route ${route.name}`
  const { idempotencyTtl } = runtime.use(coreSettings as unknown as Service<CoreSettings>)
  const longest = timeout === undefined || timeout === false ? 60_000 : parseDuration(timeout, `timeout of route ${route.name}`)
  return {
    keepMs: option.ttl === undefined ? idempotencyTtl : parseDuration(option.ttl, name('ttl')),
    leaseMs: option.lease === undefined ? longest + leaseMargin : parseDuration(option.lease, name('lease')),
    waitMs: option.wait === undefined ? 0 : parseDuration(option.wait, name('wait')),
  }
}

/** A key belongs to whoever sent it, and to the route: nobody can read another's answer by guessing a key. */
function placeOf(ctx: Context, route: CompiledRoute, key: string): string {
  const owner = ctx.identity === undefined ? ['address', ctx.ip] : ['user', ctx.identity.id]
  return digest([route.name, ...owner, key])
}

const digest = (parts: readonly string[]) => hash('sha256', JSON.stringify(parts), 'base64url')
