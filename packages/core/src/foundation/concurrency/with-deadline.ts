/** The longest delay that a timer can hold, in ms (nearly 25 days); a longer one would fire at once. */
export const longestTimer = 2_147_483_647

export interface Deadline {
  /** In ms. Without it, there is none. */
  readonly ms?: number | undefined
  /** Gives up when aborted, with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** The error when the time is up. */
  readonly expired: (ms: number) => Error
}

/**
 * Settles as `work` does, or rejects when its time is up or the outer signal is aborted, whichever comes first. The signal
 * that `work` gets is aborted with the same reason whenever the result is a rejection; it follows the outer one even
 * after that, because a result may be a stream that is still being read.
 */
export function withDeadline<T>(work: (signal: AbortSignal) => T | PromiseLike<T>, { ms, signal, expired }: Deadline): Promise<T> {
  const aborter = new AbortController()
  const inner = signal === undefined ? aborter.signal : AbortSignal.any([signal, aborter.signal])
  return new Promise<T>((resolve, reject) => {
    function giveUp(reason: unknown): void {
      settle()
      aborter.abort(reason)
      reject(reason)
    }
    function onAbort(): void {
      giveUp(signal?.reason)
    }
    function settle(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const timer = ms === undefined || ms > longestTimer ? undefined : setTimeout(() => giveUp(expired(ms)), ms)
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    void (async () => work(inner))().then((value) => {
      settle()
      resolve(value)
    }, giveUp)
  })
}
