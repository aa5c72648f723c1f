import { fail } from '../errors.ts'

/**
 * Runs at most `concurrency` tasks at one time and lets `waiting` others wait.
 * @throws `PASSWORDS_BUSY` at once for one more, so that a flood of logins costs neither memory nor minutes
 */
export function createLimit(concurrency: number, waiting: number): <T>(task: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = []
  let running = 0

  return async (task) => {
    if (running >= concurrency) {
      if (queue.length >= waiting) throw fail('PASSWORDS_BUSY', undefined, { headers: ['retry-after', '5'] })
      await new Promise<void>((resolve) => queue.push(resolve))
    } else running++
    try {
      return await task()
    } finally {
      // The place goes to the next in line, or is free.
      const next = queue.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
