import { expect, test } from 'vitest'
import type { QueueStatus } from '../queue/queue.ts'
import { startableJobs } from './startable-jobs.ts'

const status = (more: Partial<QueueStatus>): QueueStatus => ({ queue: 'emails', states: {}, oldestAt: undefined, paused: false, limits: undefined, ...more })

test('all that is ready counts, unless the queue is paused', () => {
  const states = { waiting: 5, grouped: 3, suspect: 1, delayed: 7, blocked: 2, active: 4 }
  expect(startableJobs(status({ states }))).toBe(9)
  expect(startableJobs(status({ states, paused: true }))).toBe(0)
  expect(startableJobs(status({}))).toBe(0)
})

test('a backlog that the limits of its queue hold back is no reason for more processes', () => {
  const rate = (used: number) => ({ limit: 10, perMs: 60_000, used })
  const places = (limit: number) => ({ limit, active: 3 })
  const states = { waiting: 50 }
  expect(startableJobs(status({ states, limits: { concurrency: places(3), rate: undefined } }))).toBe(0)
  expect(startableJobs(status({ states, limits: { concurrency: places(5), rate: undefined } }))).toBe(2)
  expect(startableJobs(status({ states, limits: { concurrency: undefined, rate: rate(10) } }))).toBe(0)
  expect(startableJobs(status({ states, limits: { concurrency: places(100), rate: rate(6) } }))).toBe(4)
  // A release with a smaller limit takes over what an older one has started.
  expect(startableJobs(status({ states, limits: { concurrency: places(1), rate: undefined } }))).toBe(0)
})
