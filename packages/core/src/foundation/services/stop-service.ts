import { withDeadline } from '../concurrency/with-deadline.ts'
import { fail } from '../errors/catalog.ts'
import type { Provider } from './provide.ts'

export interface StopFailure {
  readonly name: string
  readonly error: unknown
}

/** Closes one value by its provider's `stop`, else by its own dispose method; resolves to what went wrong, if anything did. */
export async function stopService(provider: Provider, value: unknown, timeoutMs: number): Promise<StopFailure | undefined> {
  const { name } = provider.token
  try {
    await withDeadline(() => close(provider, value), { ms: timeoutMs, expired: (ms) => fail('SERVICE_STOP_TIMEOUT', { name, timeoutMs: ms }) })
    return undefined
  } catch (error) {
    return { name, error }
  }
}

/** One error for all failures; its cause is the one there was, or an `AggregateError` of them. */
export function stopFailed(failures: readonly StopFailure[]): Error {
  const causes = failures.map(({ error }) => error)
  return fail(
    'SERVICE_STOP_FAILED',
    { failures: failures.map(({ name, error }) => `${name} (${reasonOf(error)})`) },
    { cause: causes.length === 1 ? causes[0] : new AggregateError(causes, 'Several services did not stop.') },
  )
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function close(provider: Provider, value: unknown): void | PromiseLike<void> {
  if (provider.stop !== undefined) return provider.stop(value)
  if (value === null || typeof value !== 'object') return
  if (Symbol.asyncDispose in value) return (value as AsyncDisposable)[Symbol.asyncDispose]()
  if (Symbol.dispose in value) (value as Disposable)[Symbol.dispose]()
}
