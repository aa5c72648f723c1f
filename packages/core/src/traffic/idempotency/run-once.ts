import { randomUUID } from 'node:crypto'
import { sleep } from '../../foundation/concurrency/sleep.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import { GluefulError } from '../../foundation/errors/define-errors.ts'
import type { Transactions } from '../../foundation/transactions.ts'
import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import type { Awaitable } from '../../http/context/stage.ts'
import { mergeHeaders } from '../../http/reply/build-head.ts'
import { isWhole, parseKept, renderKept, replyOf, type KeptReply } from '../../http/reply/kept-reply.ts'
import type { KeyClaim, KeyClaimOutcome, KeyClaimRequest, IdempotencyStore } from './idempotency-store.ts'

export interface RunOnceParts {
  readonly store: () => IdempotencyStore
  /** The application's transactions, where the store's records can join them. */
  readonly transactions: () => Transactions | undefined
  readonly leaseMs: number
  readonly keepMs: number
  /** How long a copy waits for the first to be done before it is answered 409, in ms. */
  readonly waitMs: number
  /** Whether copies get an answer again; after any other the work is done anew. */
  readonly isKept: (reply: Reply) => boolean
  readonly count: (result: 'first' | 'replayed' | 'in_flight' | 'mismatch') => void
}

type Next = () => Awaitable<Reply>

/** What a request is kept under, and what it asks for. */
export type Place = Pick<KeyClaimRequest, 'key' | 'fingerprint'>

/** Rolls the writes back, and carries the answer out of the transaction. */
class Undo extends Error {
  readonly reply: Reply
  constructor(reply: Reply) {
    super('The writes of this request are rolled back')
    this.reply = reply
  }
}

const mostBytes = 1024 * 1024

/** Runs a request's work once for its key, and gives every copy the same answer. */
export function createRunOnce(parts: RunOnceParts) {
  const { leaseMs, keepMs, waitMs, isKept, count } = parts

  return async (ctx: Context, next: Next, place: Promise<Place>): Promise<Reply> => {
    const store = parts.store()
    const { key, fingerprint } = await place
    const claim: KeyClaim = { key, owner: randomUUID() }
    const outcome = await claimOrWait(ctx, store, claim, fingerprint)
    if (outcome.state !== 'claimed' && outcome.fingerprint !== fingerprint) {
      count('mismatch')
      throw fail('IDEMPOTENCY_KEY_REUSED', undefined)
    }
    if (outcome.state === 'in-flight') {
      count('in_flight')
      throw inFlight()
    }
    if (outcome.state === 'done') {
      count('replayed')
      ctx.outgoing.push('idempotency-replayed', 'true')
      return replyOf(parseKept(outcome.answer))
    }
    count('first')
    return work(ctx, next, store, claim)
  }

  async function claimOrWait(ctx: Context, store: IdempotencyStore, claim: KeyClaim, fingerprint: string): Promise<KeyClaimOutcome> {
    const deadline = performance.now() + waitMs
    for (let pause = 10; ; pause = Math.min(2 * pause, 250)) {
      const request: KeyClaimRequest = { ...claim, fingerprint, leaseMs, keepMs, now: ctx.clock.now() }
      const outcome = await reach(() => store.claim(request))
      const left = deadline - performance.now()
      if (outcome.state !== 'in-flight' || outcome.fingerprint !== fingerprint || left <= 0) return outcome
      await sleep(Math.min(pause, left), ctx.signal)
    }
  }

  function work(ctx: Context, next: Next, store: IdempotencyStore, claim: KeyClaim): Promise<Reply> {
    const transactions = store.isTransactional ? parts.transactions() : undefined
    return transactions === undefined ? workThenKeep(ctx, next, store, claim) : workInTransaction(ctx, next, store, claim, transactions)
  }

  /** The answer commits with the writes, or neither does. */
  function workInTransaction(ctx: Context, next: Next, store: IdempotencyStore, claim: KeyClaim, transactions: Transactions): Promise<Reply> {
    const told = ctx.outgoing.length
    const answered = Promise.withResolvers<Reply>()
    const complete = (reply: Reply) => store.complete(claim, keep(ctx, reply, told), ctx.clock.now() + keepMs)

    async function attempt(): Promise<Reply> {
      // The database may have the work run again; what an earlier try set beside its answer does not count.
      ctx.outgoing.length = told
      const reply = await next()
      if (isRunAgain(reply.error)) throw reply.error
      // Whoever has waited long enough does not wait for the statement that a rollback has to wait for.
      if (!isKept(reply) && ctx.signal.aborted) answered.resolve(reply)
      // Who throws does not mean the writes before it; who returns an answer that is kept does.
      if (!isKept(reply) || reply.error !== undefined) throw new Undo(reply)
      if (!(await complete(reply))) throw inFlight()
      return reply
    }

    async function afterRollback(error: unknown): Promise<Reply> {
      if (error instanceof Undo && isKept(error.reply)) {
        if (await reach(() => transactions.run(() => complete(error.reply)))) return error.reply
        throw inFlight()
      }
      await abandon(ctx, store, claim)
      if (error instanceof Undo) return error.reply
      throw error
    }

    transactions.run(attempt).catch(afterRollback).then(answered.resolve, answered.reject)
    return answered.promise
  }

  /** Without a transaction the work comes first: a crash between the two lets it run again once the claim has run out. */
  async function workThenKeep(ctx: Context, next: Next, store: IdempotencyStore, claim: KeyClaim): Promise<Reply> {
    const told = ctx.outgoing.length
    const reply = await next()
    if (!isKept(reply)) {
      await abandon(ctx, store, claim)
      return reply
    }
    const answer = keep(ctx, reply, told)
    try {
      if (!(await store.complete(claim, answer, ctx.clock.now() + keepMs)))
        ctx.log.error('An idempotency key was taken by another request before its work was done')
    } catch (error) {
      ctx.log.error({ err: error }, 'The answer for an idempotency key could not be kept; a copy of the request may run again')
    }
    return reply
  }

  async function abandon(ctx: Context, store: IdempotencyStore, claim: KeyClaim): Promise<void> {
    try {
      await store.abandon(claim)
    } catch (error) {
      ctx.log.warn({ err: error }, 'An idempotency key could not be given free; it is blocked until its claim runs out')
    }
  }
}

/** The answer with the headers that the handler set beside it, as it will be given again. */
function keep(ctx: Context, reply: Reply, told: number): string {
  const headers = mergeHeaders([], reply.headers, ctx.outgoing.slice(told))
  if (!isWhole(reply)) throw fail('IDEMPOTENCY_ANSWER_INVALID', { route: ctx.route?.name ?? ctx.path, reason: 'it is a stream or a file' })
  const kept = { status: reply.status, headers, payload: reply.payload } as KeptReply
  if ((kept.payload?.length ?? 0) > mostBytes)
    throw fail('IDEMPOTENCY_ANSWER_INVALID', { route: ctx.route?.name ?? ctx.path, reason: `it is larger than ${mostBytes} bytes` })
  return renderKept(kept, {})
}

function inFlight(): GluefulError {
  return fail('IDEMPOTENCY_IN_FLIGHT', undefined, { headers: ['retry-after', '1'] })
}

/** What the database gives up because of others, and runs again by itself. */
function isRunAgain(error: unknown): error is Error {
  return error instanceof GluefulError && (error.code === 'DEADLOCK' || error.code === 'SERIALIZATION_FAILURE')
}

/** A store that cannot be reached refuses the request: to go on would give up what the key is for. */
async function reach<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    if (cause instanceof GluefulError && cause.status < 500) throw cause
    throw fail('IDEMPOTENCY_UNAVAILABLE', undefined, { cause, headers: ['retry-after', '1'] })
  }
}
