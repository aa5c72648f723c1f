import { service, type Logger, type Service } from 'glueful'

/** Deletes rows that nobody can use any more, once an hour. */
export interface Housekeeping {
  start(): void
  stop(): Promise<void>
}

export const Housekeeping: Service<Housekeeping> = service<Housekeeping>('auth housekeeping')

const hour = 3_600_000

export function createHousekeeping(parts: readonly { prune(): Promise<void> }[], log: Logger): Housekeeping {
  let timer: NodeJS.Timeout | undefined
  let under: Promise<void> = Promise.resolve()

  async function prune(): Promise<void> {
    try {
      for (const part of parts) await part.prune()
    } catch (error) {
      log.error({ err: error }, 'Expired sessions, attempts and links could not be deleted')
    }
  }

  return {
    start() {
      // Spread, so that workers that started together do not meet.
      timer = setInterval(() => (under = prune()), hour * (0.9 + Math.random() / 5))
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      await under
    },
  }
}
