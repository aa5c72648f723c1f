import { Redaction, type Clock, type Emit, type Logger, type Use } from 'glueful'
import type { Delivery } from '../engine/engine.ts'
import { fail } from '../errors.ts'
import type { CompiledJob } from '../job/compile-job.ts'
import type { JobContext } from '../job/job-context.ts'
import { decodePayload, type ParsedPayload } from '../job/payload.ts'
import { secretsOfPayload } from './shown-failure.ts'

export interface RunTools {
  readonly log: Logger
  readonly use: Use
  readonly emit: Emit
  readonly clock: Clock
}

/**
 * The payload as the handler gets it: as stored, or made by `upgrade` where the schema refuses that.
 * @throws `JOB_PAYLOAD_INVALID`
 */
export function readPayload(job: CompiledJob, stored: string): unknown {
  if (!job.hasSchema) return decodePayload(stored)
  const raw = decodePayload(stored)
  const parsed = job.parse(raw)
  const finish = (first: ParsedPayload): unknown => ('faults' in first ? upgraded(job, raw, first.faults) : first.value)
  return parsed instanceof Promise ? parsed.then(finish) : finish(parsed)
}

async function upgraded(job: CompiledJob, raw: unknown, faults: readonly string[]): Promise<unknown> {
  if (job.upgrade === undefined) throw fail('JOB_PAYLOAD_INVALID', { job: job.name, faults })
  let next: unknown
  try {
    next = await job.upgrade(raw)
  } catch (cause) {
    throw fail(
      'JOB_PAYLOAD_INVALID',
      { job: job.name, faults: [...faults, `upgrade failed: ${cause instanceof Error ? cause.message : String(cause)}`] },
      { cause },
    )
  }
  const parsed = await job.parse(next)
  if ('faults' in parsed) throw fail('JOB_PAYLOAD_INVALID', { job: job.name, faults: parsed.faults.map((fault) => `after upgrade: ${fault}`) })
  return parsed.value
}

/** What every line about an attempt says. */
export function logFields({ id, job, attempt, meta: { requestId } }: Pick<Delivery, 'id' | 'job' | 'attempt' | 'meta'>) {
  return { job, jobId: id, attempt, ...(requestId === undefined ? undefined : { requestId }) }
}

/** What an attempt makes for its handler when that asks for it. */
export interface AttemptParts {
  readonly signal: AbortSignal
  readonly progress: (value: unknown) => void
}

type Given = Pick<Delivery, 'id' | 'job' | 'queue' | 'attempt' | 'tries' | 'meta'>

const noTags: readonly string[] = []

/** The context of one attempt; what is rarely used is made when asked for, once. */
class AttemptContext implements JobContext {
  readonly payload: unknown
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly attempt: number
  readonly tries: number
  readonly tags: readonly string[]
  readonly requestId: string | undefined
  readonly use: Use
  readonly emit: Emit
  private readonly delivery: Given
  private readonly parts: AttemptParts
  private readonly logger: Logger
  private ownLog: Logger | undefined
  private ownProgress: ((value: unknown) => void) | undefined

  constructor({ name }: CompiledJob, delivery: Given, payload: unknown, parts: AttemptParts, { log, use, emit }: RunTools) {
    this.payload = payload
    this.id = delivery.id
    this.name = name
    this.queue = delivery.queue
    this.attempt = delivery.attempt
    this.tries = delivery.tries
    this.tags = delivery.meta.tags ?? noTags
    this.requestId = delivery.meta.requestId
    this.use = use
    this.emit = emit
    this.delivery = delivery
    this.parts = parts
    this.logger = log
  }

  get signal(): AbortSignal {
    return this.parts.signal
  }

  get log(): Logger {
    return (this.ownLog ??= this.logger.child(logFields(this.delivery), () => secretsOfPayload(this.use(Redaction), this.payload)))
  }

  get progress(): (value: unknown) => void {
    return (this.ownProgress ??= this.parts.progress)
  }
}

export function createJobContext(job: CompiledJob, delivery: Given, payload: unknown, parts: AttemptParts, tools: RunTools): JobContext {
  return new AttemptContext(job, delivery, payload, parts, tools)
}

/** Middleware from the outside in, the handler, or what runs it, innermost; a chain of none is the handler itself. */
export function callHandler(job: CompiledJob, context: JobContext, innermost?: () => Promise<unknown>): unknown {
  const { middleware, handler } = job
  const inner = innermost ?? (() => handler(context as JobContext<never>))
  if (middleware.length === 0) return inner()
  const step = (index: number): unknown => {
    const around = middleware[index]
    return around === undefined ? inner() : around(context, async () => step(index + 1))
  }
  return step(0)
}
