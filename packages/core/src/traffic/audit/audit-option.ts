import { fail } from '../../foundation/errors/catalog.ts'
import { GluefulError } from '../../foundation/errors/define-errors.ts'
import { Transactions } from '../../foundation/transactions.ts'
import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import { secretsOf } from '../../http/context/request-secrets.ts'
import { shownPath } from '../../http/context/shown-path.ts'
import type { Runtime } from '../../http/context/runtime.ts'
import type { Awaitable, Stage } from '../../http/context/stage.ts'
import { AuditLog, type AuditEntry } from './audit-log.ts'

export interface Audit {
  /** What is done, dotted: `car.created`. */
  readonly action: string
  /** On what. Default: the answer's Location, else the path. */
  readonly target?: (ctx: Context, reply: Reply | undefined) => string | null
  /** How it was; asked before the handler runs, inside its transaction. */
  readonly before?: (ctx: Context) => unknown
  /** How it is now; asked when the handler has answered. `reply.body` is what it answered. */
  readonly after?: (ctx: Context, reply: Reply) => unknown
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Writes each call that succeeds to the audit log, in one transaction with the handler's own writes: when the entry
     * cannot be written, the change is rolled back. Calls that fail or are denied (403) are written as such. An action, or
     * an object that says more. `false` turns it off in a group. Default: false.
     */
    readonly audit?: string | Audit | false
  }
}

const actionName = /^[\w-]+(?:\.[\w-]+)*$/
const fields = new Set(['action', 'target', 'before', 'after'])

/** Rolls the writes back, and carries the answer out of the transaction. */
class Undo extends Error {
  readonly reply: Reply
  constructor(reply: Reply) {
    super('The writes of this request are rolled back')
    this.reply = reply
  }
}

function read(value: string | Audit | false | undefined, route: CompiledRoute): Audit | undefined {
  if (value === undefined || value === false) return undefined
  const audit = typeof value === 'string' ? { action: value } : value
  const valid =
    typeof audit === 'object' &&
    audit !== null &&
    typeof audit.action === 'string' &&
    actionName.test(audit.action) &&
    Object.entries(audit).every(([name, part]) => fields.has(name) && (name === 'action' || typeof part === 'function'))
  if (!valid) throw fail('AUDIT_INVALID', { route: route.name, found: JSON.stringify(value) })
  return audit
}

/** Two stages: one in the transaction of the change, one outside of it for what became of calls that changed nothing. */
export const auditOption = defineRouteOption({
  name: 'audit',
  compile: (value, route, runtime): readonly Stage[] | undefined => {
    const audit = read(value, route)
    if (audit === undefined) return undefined
    if (!runtime.provides(AuditLog)) throw fail('AUDIT_LOG_MISSING', { route: route.name })
    const reached = new WeakSet<object>()
    const target = audit.target ?? ((ctx: Context, reply: Reply | undefined) => reply?.get('location') ?? shownPath(ctx))
    const write = (ctx: Context, reply: Reply, entry: Pick<AuditEntry, 'result' | 'before' | 'after'>) => {
      const { requestId, ip, identity } = ctx
      const actor = identity?.id ?? null
      const redact = runtime.redact
      const secrets = secretsOf(ctx)
      const on = target(ctx, reply)
      return runtime.use(AuditLog).record({
        actor,
        action: audit.action,
        target: on === null ? null : redact.text(on, secrets),
        requestId,
        ip,
        ...redact({ ...entry }, secrets),
        result: entry.result,
      })
    }
    return [
      {
        name: 'audit failures',
        phase: 'edge',
        after: (ctx, reply) => {
          if (reply.status < 400 || !(reached.has(ctx) || reply.status === 403)) return undefined
          return write(ctx, reply, { result: reply.status === 403 ? 'denied' : 'failed', after: { status: reply.status } })
        },
      },
      {
        name: 'audit',
        phase: 'handle',
        around: (ctx, next) => {
          reached.add(ctx)
          return inTransaction(runtime, ctx, next, audit, write)
        },
      },
    ]
  },
})

async function inTransaction(
  runtime: Runtime,
  ctx: Context,
  next: () => Awaitable<Reply>,
  { before, after }: Audit,
  write: (ctx: Context, reply: Reply, entry: Pick<AuditEntry, 'result' | 'before' | 'after'>) => Promise<void>,
): Promise<Reply> {
  const told = ctx.outgoing.length
  async function attempt(): Promise<Reply> {
    // The database may have the work run again; what an earlier try set beside its answer does not count.
    ctx.outgoing.length = told
    const was = await before?.(ctx)
    const reply = await next()
    if (isRunAgain(reply.error)) throw reply.error
    if (reply.error !== undefined || reply.status >= 400) throw new Undo(reply)
    const is = await after?.(ctx, reply)
    await write(ctx, reply, { result: 'ok', ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) })
    return reply
  }
  try {
    return await (runtime.provides(Transactions) ? runtime.use(Transactions).run(attempt) : attempt())
  } catch (error) {
    if (error instanceof Undo) return error.reply
    throw error
  }
}

/** What the database gives up because of others, and runs again by itself. */
function isRunAgain(error: unknown): error is Error {
  return error instanceof GluefulError && (error.code === 'DEADLOCK' || error.code === 'SERIALIZATION_FAILURE')
}
