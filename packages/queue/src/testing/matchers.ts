import type { AnyJob, Job } from '../job/job.ts'
import type { TestQueue } from './test-queue.ts'

interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/** For `expect.extend(queueMatchers)` of Vitest or Jest; works on what `testQueue` gives. */
export const queueMatchers = {
  /** A job was dispatched, with a payload that has at least these fields. */
  toHaveDispatched(received: TestQueue, job: AnyJob, payload?: unknown): Verdict {
    const all = received.dispatched()
    const own = all.filter((one) => one.job === job.name)
    const pass = own.some((one) => payload === undefined || covers(one.payload, payload))
    const wanted = payload === undefined ? job.name : `${job.name} with ${JSON.stringify(payload)}`
    const found = own.length > 0 ? own.map((one) => JSON.stringify(one.payload)).join(', ') : all.map((one) => one.job).join(', ')
    return { pass, message: () => `expected ${pass ? 'no dispatch' : 'a dispatch'} of ${wanted}; dispatched: ${found === '' ? 'nothing' : found}` }
  },
  toHaveDispatchedTimes(received: TestQueue, job: AnyJob, times: number): Verdict {
    const found = received.dispatched().filter((one) => one.job === job.name).length
    return { pass: found === times, message: () => `expected ${times} dispatches of ${job.name}, found ${found}` }
  },
}

/** Types for Vitest: `declare module 'vitest' { interface Matchers<R> extends QueueMatchers<R> {} }` */
export interface QueueMatchers<R = unknown> {
  toHaveDispatched<Input>(job: Job<Input, unknown>, payload?: Partial<Input>): R
  toHaveDispatchedTimes<Input>(job: Job<Input, unknown>, times: number): R
}

/** Whether `actual` has at least what `expected` has; matchers such as `expect.any(String)` decide for themselves. */
function covers(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected)
  if ('asymmetricMatch' in expected) return (expected as { asymmetricMatch(value: unknown): boolean }).asymmetricMatch(actual)
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) return false
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) return false
  return Object.entries(expected).every(([key, value]) => covers((actual as Record<string, unknown>)[key], value))
}
