import { readFile } from 'node:fs/promises'
import { service, type Logger, type Runtime, type Seal, type Service, type ValuesOf } from 'glueful'
import type { authSettings } from '../auth-settings.ts'
import { fail } from '../errors.ts'
import { createKeyRing, type LiveKeyRing } from '../tokens/key-ring.ts'
import { readTokenKey, secretTokenKey, type TokenKey } from '../tokens/token-key.ts'
import type { KeyStore } from './key-store.ts'
import { watchKeys } from './watch-keys.ts'

/** The ring of this process, and what fills it: JWT_SECRET, JWT_KEY_FILES, or the database. */
export interface Keys {
  readonly ring: LiveKeyRing
  start(): Promise<void>
  stop(): void
}

export const Keys: Service<Keys> = service<Keys>('keys')

export interface KeysParts {
  readonly settings: ValuesOf<typeof authSettings>['token']
  readonly store: KeyStore
  readonly seal: Seal
  readonly runtime: Runtime
  readonly log: Logger
}

/** @throws `APP_KEY_MISSING` in production, `TOKEN_KEYS_AMBIGUOUS`, `TOKEN_KEY_INVALID` */
export function createKeys({ settings, store, seal, runtime, log }: KeysParts): Keys {
  const { clock } = runtime
  const { secret, previousSecret, keyFiles } = settings
  if (secret !== undefined) {
    if (keyFiles.length > 0) throw fail('TOKEN_KEYS_AMBIGUOUS', undefined)
    const current = secretTokenKey(secret.reveal(), { activeFrom: 1 })
    const previous = previousSecret === undefined ? [] : [secretTokenKey(previousSecret.reveal())]
    return { ring: createKeyRing([current, ...previous], clock), start: async () => undefined, stop: () => undefined }
  }
  if (keyFiles.length > 0) {
    const ring = createKeyRing([], clock)
    return { ring, start: async () => ring.replace(await readFiles(keyFiles)), stop: () => undefined }
  }
  seal.requireKey()
  const ring = createKeyRing([], clock, () => store.list())
  const { start, stop } = watchKeys(ring, store, log)
  return { ring, start, stop }
}

/** The first file signs; keys that became active later sign before others. */
function readFiles(files: readonly string[]): Promise<TokenKey[]> {
  return Promise.all(
    files.map(async (file, index) => {
      let pem: string
      try {
        pem = await readFile(file, 'utf8')
      } catch (cause) {
        throw fail('TOKEN_KEY_INVALID', { source: file, reason: 'the file cannot be read' }, { cause })
      }
      return readTokenKey(pem, file, { activeFrom: files.length - index })
    }),
  )
}
