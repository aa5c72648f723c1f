import { service, type Clock, type Service } from 'glueful'
import type { JSONWebKeySet } from 'jose'
import { fail } from '../errors.ts'
import type { TokenKey } from './token-key.ts'

/** The keys that count now. */
export interface KeyRing {
  /**
   * Signs new tokens: of the keys that are active, the one that became so last.
   * @throws `TOKEN_KEY_MISSING`
   */
  current(): TokenKey
  /** Verifies tokens that name it; undefined when there is none, or it has retired. */
  find(kid: string): TokenKey | undefined
  /** Looks for keys that came since, at most once a second; resolves to whether it looked. */
  refresh(): Promise<boolean>
  /** Public keys, those included that become active later, so that nobody has to fetch again when they do. */
  publish(): JSONWebKeySet
}

export const KeyRings: Service<KeyRing> = service<KeyRing>('key ring')

/** Where keys come from when they may change. */
export type KeySource = () => Promise<readonly TokenKey[]>

export interface LiveKeyRing extends KeyRing {
  replace(keys: readonly TokenKey[]): void
}

const leastPause = 1_000

/** A ring over keys that are there from the start, or that `source` knows. */
export function createKeyRing(keys: readonly TokenKey[], clock: Clock, source?: KeySource): LiveKeyRing {
  let byKid = new Map(keys.map((key) => [key.kid, key]))
  let refreshedAt = -Infinity
  let refreshing: Promise<boolean> | undefined

  const isRetired = ({ retiresAt }: TokenKey) => retiresAt !== undefined && retiresAt <= clock.now()
  const replace = (next: readonly TokenKey[]) => void (byKid = new Map(next.map((key) => [key.kid, key])))

  async function load(from: KeySource): Promise<boolean> {
    refreshedAt = clock.monotonic()
    replace(await from())
    return true
  }

  return {
    replace,
    current() {
      let found: TokenKey | undefined
      for (const key of byKid.values()) {
        if (key.signing === undefined || key.activeFrom > clock.now() || isRetired(key)) continue
        if (found === undefined || key.activeFrom > found.activeFrom) found = key
      }
      if (found === undefined) throw fail('TOKEN_KEY_MISSING', undefined)
      return found
    },
    find(kid) {
      const key = byKid.get(kid)
      return key === undefined || isRetired(key) ? undefined : key
    },
    async refresh() {
      if (source === undefined) return false
      if (refreshing === undefined && clock.monotonic() - refreshedAt < leastPause) return false
      refreshing ??= load(source).finally(() => (refreshing = undefined))
      return refreshing
    },
    publish: () => ({ keys: [...byKid.values()].filter((key) => !isRetired(key)).flatMap(({ jwk }) => jwk ?? []) }),
  }
}
