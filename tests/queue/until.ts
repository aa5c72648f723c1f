/** Asks again until it is so; the test's own time-out ends what never is. */
export async function until<T>(ask: () => T | Promise<T>, is: (value: T) => boolean = Boolean): Promise<NonNullable<T>> {
  for (;;) {
    const value = await ask()
    if (is(value)) return value as NonNullable<T>
    await new Promise((resolve) => void setTimeout(resolve, 10))
  }
}
