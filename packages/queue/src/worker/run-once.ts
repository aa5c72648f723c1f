import type { NewJob } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import { isVerdict } from '../job/verdict.ts'
import type { CompiledJob } from '../job/compile-job.ts'
import type { AnyJob } from '../job/job.ts'
import { unknownJob } from '../queue/create-queue.ts'
import type { JobTracing } from '../tracing/job-tracing.ts'
import { toFailure } from './failure.ts'
import { callHandler, createJobContext, readPayload, type RunTools } from './run-job.ts'

export interface RunOnceTools extends RunTools {
  /** Undefined where nobody traces. */
  readonly tracing: JobTracing | undefined
}

/**
 * Runs a job once, as a part of who asks for it: no retries, no dead letter, its failure is thrown.
 * @throws what the handler throws, `JOB_UNKNOWN`, `JOB_TIMED_OUT`
 */
export async function runOnce(jobs: ReadonlyMap<string, AnyJob>, job: NewJob, tools: RunOnceTools): Promise<unknown> {
  const known = jobs.get(job.job)
  if (known === undefined) throw unknownJob(job.job, jobs)
  const delivery = { id: job.id, job: job.job, queue: job.queue, attempt: 1, tries: 1, meta: job.meta ?? {} }
  const span = tools.tracing?.process(delivery, `${process.pid}`)
  if (span === undefined) return run(known.compiled, job, delivery, tools)
  try {
    const value = await span.run(() => run(known.compiled, job, delivery, tools))
    span.end('completed')
    return value
  } catch (error) {
    span.end('failed', toFailure(error, { at: 0, attempt: 1, worker: '' }))
    throw error
  }
}

async function run(compiled: CompiledJob, job: NewJob, delivery: Parameters<typeof createJobContext>[1], tools: RunTools): Promise<unknown> {
  const value = await runHandler(compiled, job.payload, delivery, tools, compiled.timeoutMs)
  return isVerdict(value) ? undefined : value
}

/** One run of a handler, with its middleware and its verdict; late, its signal is aborted and nobody waits for it. */
export async function runHandler(
  compiled: CompiledJob,
  stored: string,
  delivery: Parameters<typeof createJobContext>[1],
  tools: RunTools,
  timeoutMs: number,
): Promise<unknown> {
  const controller = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => {
      const error = fail('JOB_TIMED_OUT', { job: compiled.name, timeoutMs })
      controller.abort(error)
      reject(error)
    },
    Math.min(timeoutMs, 2_147_483_647),
  )
  const parts = { signal: controller.signal, progress: () => {} }
  try {
    const work = (async () => {
      const payload = await readPayload(compiled, stored)
      return callHandler(compiled, createJobContext(compiled, delivery, payload, parts, tools))
    })()
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
