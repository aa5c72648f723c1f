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

/** The context of one attempt; what is rarely used is made when asked for. */
export function createJobContext(
  job: CompiledJob,
  delivery: Pick<Delivery, 'id' | 'job' | 'queue' | 'attempt' | 'tries' | 'meta'>,
  payload: unknown,
  signal: () => AbortSignal,
  tools: RunTools,
  progress: (value: unknown) => void,
): JobContext {
  let log: Logger | undefined
  return {
    payload,
    id: delivery.id,
    name: job.name,
    queue: delivery.queue,
    attempt: delivery.attempt,
    tries: delivery.tries,
    tags: delivery.meta.tags ?? [],
    requestId: delivery.meta.requestId,
    get signal() {
      return signal()
    },
    get log() {
      return (log ??= tools.log.child(logFields(delivery), () => secretsOfPayload(tools.use(Redaction), payload)))
    },
    use: tools.use,
    emit: tools.emit,
    progress,
  }
}

/** Middleware from the outside in, the handler innermost; a chain of none is the handler itself. */
export function callHandler(job: CompiledJob, context: JobContext): unknown {
  const { middleware, handler } = job
  const step = (index: number): unknown => {
    const around = middleware[index]
    return around === undefined ? handler(context as JobContext<never>) : around(context, async () => step(index + 1))
  }
  return step(0)
}
