import { fail } from '../errors.ts'
import { isName, nameRule } from '../job/compile-job.ts'

/** A queue that a worker takes jobs from. */
export interface QueueShare {
  readonly queue: string
  /** Without weights, queues come strictly in their order; with them, each is first as often as its weight says. */
  readonly weight?: number
}

/**
 * `critical,default` (strictly in this order) or `critical:3,default:1` (first three times out of four).
 * @throws `JOB_OPTION_INVALID`
 */
export function parseQueues(text: string): QueueShare[] {
  const shares = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [queue = '', weight] = part.split(':')
      const number = Number(weight)
      if (!isName(queue) || (weight !== undefined && !(Number.isInteger(number) && number >= 1 && number <= 1_000))) {
        throw fail('JOB_OPTION_INVALID', {
          job: 'the worker',
          option: 'queue',
          found: JSON.stringify(part),
          expected: `a name (${nameRule}), or name:weight from 1 to 1000`,
        })
      }
      return weight === undefined ? { queue } : { queue, weight: number }
    })
  if (shares.length === 0) throw fail('JOB_OPTION_INVALID', { job: 'the worker', option: 'queue', found: JSON.stringify(text), expected: 'at least one queue' })
  return shares
}

/** In which order to ask the queues next: smooth weighted turns, so that bursts of one do not bunch up. */
export function createQueueOrder(shares: readonly QueueShare[]) {
  const names = shares.map(({ queue }) => queue)
  const weighted = shares.some(({ weight }) => weight !== undefined)
  const total = shares.reduce((sum, { weight = 1 }) => sum + weight, 0)
  const current = shares.map(() => 0)
  return {
    names,
    next(): readonly string[] {
      if (!weighted || names.length === 1) return names
      for (const [index, { weight = 1 }] of shares.entries()) (current[index] as number) += weight
      const order = names.map((_, index) => index).sort((a, b) => (current[b] as number) - (current[a] as number))
      ;(current[order[0] as number] as number) -= total
      return order.map((index) => names[index] as string)
    },
  }
}
