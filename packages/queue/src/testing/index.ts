export { queueMatchers, type QueueMatchers } from './matchers.ts'
export { testQueue, type DispatchedJob, type TestQueue, type TestRun } from './test-queue.ts'
