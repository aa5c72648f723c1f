import type { Logger } from 'glueful'
import type { LiveKeyRing } from '../tokens/key-ring.ts'
import type { KeyStore } from './key-store.ts'

/** How often is asked whether keys have changed, in ms: one that is retired verifies nothing a second later, anywhere. */
const pause = 500

export interface KeyWatch {
  start(): Promise<void>
  stop(): void
}

/**
 * Keeps a ring in step with the database: what is retired there verifies nothing here, `pause` later at the most. A first
 * key is made where there is none; several processes that start at once may make several, which does no harm.
 */
export function watchKeys(ring: LiveKeyRing, store: KeyStore, log: Logger): KeyWatch {
  let timer: NodeJS.Timeout | undefined
  let failing = false
  let seen: string | undefined

  async function load(): Promise<void> {
    // Opening the keys costs more than asking whether there are others.
    const version = await store.version()
    if (version === seen) return
    const keys = await store.list()
    ring.replace(keys.length > 0 ? keys : [await store.generate()])
    seen = version
  }

  async function attempt(): Promise<void> {
    try {
      await load()
      failing = false
    } catch (error) {
      if (!failing) log.error({ err: error }, 'The keys for tokens cannot be read')
      failing = true
    }
  }

  return {
    async start() {
      await attempt()
      timer = setInterval(() => void attempt(), pause)
      timer.unref()
    },
    stop: () => clearInterval(timer),
  }
}
