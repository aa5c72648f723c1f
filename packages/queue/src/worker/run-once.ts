import type { NewJob } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import { isVerdict } from '../job/verdict.ts'
import type { AnyJob } from '../job/job.ts'
import { unknownJob } from '../queue/create-queue.ts'
import { callHandler, createJobContext, readPayload, type RunTools } from './run-job.ts'

/**
 * Runs a job once, as a part of who asks for it: no retries, no dead letter, its failure is thrown.
 * @throws what the handler throws, `JOB_UNKNOWN`, `JOB_TIMED_OUT`
 */
export async function runOnce(jobs: ReadonlyMap<string, AnyJob>, job: NewJob, tools: RunTools): Promise<unknown> {
  const known = jobs.get(job.job)
  if (known === undefined) throw unknownJob(job.job, jobs)
  const { compiled } = known
  const controller = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => {
      const error = fail('JOB_TIMED_OUT', { job: job.job, timeoutMs: compiled.timeoutMs })
      controller.abort(error)
      reject(error)
    },
    Math.min(compiled.timeoutMs, 2_147_483_647),
  )
  const delivery = { id: job.id, queue: job.queue, attempt: 1, tries: 1, meta: job.meta ?? {} }
  try {
    const work = (async () => {
      const payload = await readPayload(compiled, job.payload)
      return callHandler(
        compiled,
        createJobContext(
          compiled,
          delivery,
          payload,
          () => controller.signal,
          tools,
          () => {},
        ),
      )
    })()
    const value = await Promise.race([work, late])
    return isVerdict(value) ? undefined : value
  } finally {
    clearTimeout(timer)
  }
}
