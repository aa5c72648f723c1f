import type { Environment } from '../environment.ts'
import { fail } from '../errors/catalog.ts'
import { service, type Service } from '../services/service.ts'
import type { CoreSettings } from '../settings/core-settings.ts'
import { createSeal, type Seal } from './seal.ts'
import { deriveKey } from './sealing-key.ts'

/** What the application keeps secretly, under APP_KEY: the first of its keys seals, those of APP_PREVIOUS_KEYS still open. */
export interface Sealing {
  /** Seals of one purpose, which those of no other open. Asks for no key before something is sealed or opened. */
  for(purpose: string): Seal
  /**
   * Keys for something else than encryption, of 32 bytes; the current one first.
   * @throws `APP_KEY_MISSING`
   */
  keysFor(purpose: string): readonly Uint8Array[]
}

export const Sealing: Service<Sealing> = service<Sealing>('sealing')

/** Outside of production an application runs without being configured; what it seals then is no secret. */
const developmentKey = 'known to everybody, for development only'

/** In production only the keys that are set; without APP_KEY nothing is sealed there. */
export function createSealing({ appKey, appPreviousKeys }: Pick<CoreSettings, 'appKey' | 'appPreviousKeys'>, environment: Environment): Sealing {
  const previous = (appPreviousKeys?.reveal() ?? '').split(',').map((key) => key.trim())
  const earlier = [...previous, ...(environment === 'production' ? [] : [developmentKey])].filter((key) => key !== '')
  const current = appKey?.reveal() ?? (environment === 'production' ? undefined : developmentKey)
  const seals = new Map<string, Seal>()
  const keysOf = (purpose: string) => ({
    current: current === undefined ? undefined : deriveKey(current, purpose),
    earlier: earlier.map((secret) => deriveKey(secret, purpose)),
  })

  return {
    for(purpose) {
      let seal = seals.get(purpose)
      if (seal === undefined) seals.set(purpose, (seal = createSeal(purpose, keysOf(purpose))))
      return seal
    },
    keysFor(purpose) {
      const keys = keysOf(purpose)
      if (keys.current === undefined) throw fail('APP_KEY_MISSING', { purpose })
      return [keys.current, ...keys.earlier].map(({ bytes }) => bytes)
    },
  }
}
