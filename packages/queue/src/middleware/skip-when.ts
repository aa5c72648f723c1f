import type { JobContext, JobMiddleware } from '../job/job-context.ts'
import { skip } from '../job/verdict.ts'

/**
 * Ends a job as done, without running it, where a condition holds when it is about to run; what follows it in a chain goes on.
 *
 * @example
 * job('mail', { payload: z.object({ userId: z.string() }), middleware: [skipWhen(({ payload }) => hasLeft(payload.userId))] }, …)
 */
export function skipWhen<Payload>(condition: (ctx: JobContext<Payload>) => boolean | Promise<boolean>): JobMiddleware<Payload> {
  return async (ctx, next) => ((await condition(ctx)) ? skip() : next())
}
