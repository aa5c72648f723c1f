import { fail } from '../errors/catalog.ts'

/**
 * What the store of locks says; without it, nobody has a lock.
 * @throws `LOCKS_UNAVAILABLE`
 */
export async function answerOf<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (cause) {
    if ((cause as { code?: string }).code?.startsWith('STORE_') === true) throw cause
    throw fail('LOCKS_UNAVAILABLE', undefined, { cause, headers: ['retry-after', '1'] })
  }
}
