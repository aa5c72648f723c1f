import { expect, test } from 'vitest'
import { checkHistory, type History } from './check-history.ts'

const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`)
const good: History = { dispatched: ids, undone: ['undone-1', 'undone-2'], effects: ids.toReversed(), remaining: [], dead: [], workers: [] }

test('a history without faults is found to be one', () => {
  expect(checkHistory(good)).toEqual([])
  expect(checkHistory({ ...good, effects: ids.slice(1), dead: ['job-0'], mayDie: true })).toEqual([])
})

/** A bug, as the history shows it, and what must be said of it. */
const bugs: readonly (readonly [string, Partial<History>, RegExp])[] = [
  ['an acknowledgement before the work', { effects: ids.slice(1) }, /job-0 is lost/],
  ['no fencing', { effects: [...ids, 'job-3'] }, /job-3 had its effect 2 times/],
  ['an effect outside of its transaction', { remaining: [{ id: 'job-4', state: 'waiting' }] }, /job-4 had its effect and is still stored as waiting/],
  ['leases that nobody takes up', { effects: ids.slice(1), remaining: [{ id: 'job-0', state: 'active' }] }, /job-0 is stuck as active/],
  ['delayed jobs that nobody makes ready', { effects: ids.slice(1), remaining: [{ id: 'job-0', state: 'delayed' }] }, /job-0 is stuck as delayed/],
  ['a dispatch outside of its transaction', { effects: [...ids, 'undone-1'] }, /undone-1 is a ghost: .* had an effect/],
  ['an outbox that hands on before the commit', { remaining: [{ id: 'undone-2', state: 'waiting' }] }, /undone-2 is a ghost: .* is stored/],
  ['a crash that counts twice', { effects: ids.slice(1), dead: ['job-0'] }, /job-0 ended in the dead letters/],
  [
    'a burial without removal',
    { effects: ids.slice(1), dead: ['job-0'], remaining: [{ id: 'job-0', state: 'waiting' }], mayDie: true },
    /job-0 lies with the dead letters and is stored/,
  ],
  ['a dead letter for what was done', { dead: ['job-2'], mayDie: true }, /job-2 had its effect and lies with the dead letters/],
  ['a dead letter written twice', { effects: ids.slice(1), dead: ['job-0', 'job-0'], mayDie: true }, /in the dead letters twice/],
  ['ids that repeat', { dispatched: [...ids, 'job-1'] }, /two dispatches got the same id/],
  ['a worker that is never given up', { workers: ['w1'] }, /w1 has ended, and the queue believes that it lives/],
  ['jobs out of nowhere', { effects: [...ids, 'stranger'] }, /stranger was never dispatched/],
]

test.for(bugs)('a planted bug is found: %s', ([, bug, said]) => {
  const wrong = checkHistory({ ...good, ...bug })
  expect(wrong).toHaveLength(1)
  expect(wrong[0]).toMatch(said)
})
