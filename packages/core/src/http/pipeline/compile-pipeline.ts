import { ConstantHeaders } from '../context/constant-headers.ts'
import type { Context } from '../context/context.ts'
import { Reply } from '../context/reply.ts'
import { phases, type Awaitable, type Stage } from '../context/stage.ts'

/** How the pipeline meets the folders it may not import. */
export interface PipelineParts {
  /** What a handler returned, as a reply. */
  readonly toReply: (value: unknown) => Reply
  /** Turns a reply's body into its payload; a promise only where the kind of body needs one. */
  readonly encode: (ctx: Context, reply: Reply) => void | Promise<void>
  /** The answer to an error; never throws. */
  readonly renderError: (ctx: Context, error: unknown) => Reply
}

export interface Pipeline {
  readonly run: (ctx: Context) => Awaitable<Reply>
  readonly constantHeaders: ConstantHeaders
  readonly stages: readonly Stage[]
}

type Before = NonNullable<Stage['before']> | undefined
type After = NonNullable<Stage['after']>
type Answer = (ctx: Context) => unknown

/**
 * Compiles a route's stages and handler into one function. Stages that the route does not have cost nothing, and as
 * long as each part returns a plain value no promise is made.
 */
export function compilePipeline(stages: readonly Stage[], handler: Answer, parts: PipelineParts): Pipeline {
  const ordered = [...stages].sort((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase))
  return {
    run: compileFrom(ordered, handler, parts),
    constantHeaders: new ConstantHeaders(ordered.flatMap((stage) => stage.constantHeaders ?? [])),
    stages: ordered,
  }
}

function compileFrom(stages: readonly Stage[], handler: Answer, parts: PipelineParts): Pipeline['run'] {
  const at = stages.findIndex((stage) => stage.around !== undefined)
  if (at === -1) return compileLinear(stages, handler, parts)
  const surrounding = stages[at] as Stage & { around: NonNullable<Stage['around']> }
  const { around: _, ...rest } = surrounding
  const inner = compileFrom(stages.slice(at + 1), handler, parts)
  return compileLinear([...stages.slice(0, at), rest], (ctx) => surrounding.around(ctx, (other = ctx) => inner(other)), parts)
}

const isOnTheWayOut = (stage: Stage) => stage.phase === 'shape' || stage.phase === 'send'

function compileLinear(stages: readonly Stage[], handler: Answer, parts: PipelineParts): Pipeline['run'] {
  const { toReply, encode, renderError } = parts
  const inward = stages.filter((stage) => !isOnTheWayOut(stage) && (stage.before !== undefined || stage.after !== undefined))
  const befores: readonly Before[] = inward.map((stage) => stage.before)
  const count = befores.length
  // afters[reached] are those to run when the stages up to `reached` have been entered, innermost first.
  const afters = aftersBySteps(inward)
  const shape = aftersOf(stages.filter((stage) => stage.phase === 'shape'))
  const send = aftersOf(stages.filter((stage) => stage.phase === 'send'))
  const plain = shape.length === 0 && send.length === 0
  const noAfters = afters[count]?.length === 0

  function run(ctx: Context): Awaitable<Reply> {
    return enter(ctx, 0)
  }

  function enter(ctx: Context, from: number): Awaitable<Reply> {
    let at = from
    try {
      for (; at < count; at++) {
        const before = befores[at]
        if (before === undefined) continue
        const result = before(ctx)
        if (result === undefined) continue
        if (result instanceof Reply) return leave(ctx, result, at + 1)
        return entered(ctx, result, at)
      }
      const value = handler(ctx)
      if (isPromise(value)) return answered(ctx, value)
      return plain ? leave(ctx, toReply(value), count) : shapeAndLeave(ctx, toReply(value))
    } catch (error) {
      return leave(ctx, renderError(ctx, error), Math.min(at + 1, count))
    }
  }

  async function entered(ctx: Context, pending: Promise<Reply | void>, at: number): Promise<Reply> {
    let reply: Reply | void
    try {
      reply = await pending
    } catch (error) {
      reply = renderError(ctx, error)
    }
    return reply === undefined ? enter(ctx, at + 1) : leave(ctx, reply, at + 1)
  }

  async function answered(ctx: Context, pending: Promise<unknown>): Promise<Reply> {
    try {
      const reply = toReply(await pending)
      return await (plain ? leave(ctx, reply, count) : shapeAndLeave(ctx, reply))
    } catch (error) {
      return leave(ctx, renderError(ctx, error), count)
    }
  }

  async function shapeAndLeave(ctx: Context, first: Reply): Promise<Reply> {
    let reply = first
    try {
      for (const after of shape) reply = (await after(ctx, reply)) ?? reply
      await encodeOnce(ctx, reply)
      for (const after of send) reply = (await after(ctx, reply)) ?? reply
    } catch (error) {
      reply = renderError(ctx, error)
    }
    return leave(ctx, reply, count)
  }

  /** Encodes what is not yet, then hands the reply outward through the stages that were entered. */
  function leave(ctx: Context, reply: Reply, reached: number): Awaitable<Reply> {
    let encoding: void | Promise<void>
    try {
      encoding = encodeOnce(ctx, reply)
    } catch (error) {
      return leave(ctx, renderError(ctx, error), reached)
    }
    if (encoding !== undefined) return encodedLater(ctx, encoding, reply, reached)
    return noAfters ? reply : outward(ctx, reply, afters[reached] as readonly After[], 0)
  }

  async function encodedLater(ctx: Context, encoding: Promise<void>, reply: Reply, reached: number): Promise<Reply> {
    try {
      await encoding
    } catch (error) {
      return leave(ctx, renderError(ctx, error), reached)
    }
    return outward(ctx, reply, afters[reached] as readonly After[], 0)
  }

  function outward(ctx: Context, first: Reply, list: readonly After[], from: number): Awaitable<Reply> {
    let reply = first
    for (let i = from; i < list.length; i++) {
      let result: Awaitable<Reply | void>
      try {
        result = (list[i] as After)(ctx, reply)
      } catch (error) {
        reply = encodedError(ctx, error)
        continue
      }
      if (result === undefined) continue
      if (result instanceof Reply) reply = result
      else return outwardLater(ctx, reply, result, list, i)
    }
    return reply
  }

  async function outwardLater(ctx: Context, reply: Reply, pending: Promise<Reply | void>, list: readonly After[], at: number): Promise<Reply> {
    let next: Reply
    try {
      next = (await pending) ?? reply
      await encodeOnce(ctx, next)
    } catch (error) {
      next = encodedError(ctx, error)
    }
    return outward(ctx, next, list, at + 1)
  }

  function encodeOnce(ctx: Context, reply: Reply): void | Promise<void> {
    if (reply.encoded) return undefined
    reply.encoded = true
    return encode(ctx, reply)
  }

  /** Rendered errors are JSON or text, whose encoding is synchronous. */
  function encodedError(ctx: Context, error: unknown): Reply {
    const reply = renderError(ctx, error)
    void encodeOnce(ctx, reply)
    return reply
  }

  return run
}

/** For each number of stages that were entered, what runs on the way out, innermost first. */
function aftersBySteps(stages: readonly Stage[]): readonly (readonly After[])[] {
  let list: readonly After[] = []
  return [list, ...stages.map(({ after }) => (list = after === undefined ? list : [after, ...list]))]
}

function aftersOf(stages: readonly Stage[]): After[] {
  return stages.flatMap((stage) => stage.after ?? [])
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
