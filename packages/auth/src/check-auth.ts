import type { HealthTools } from 'glueful'
import { Revocations } from './sessions/revocations.ts'
import { KeyRings } from './tokens/key-ring.ts'

/** Well when tokens can be signed and ended sessions are known. */
export function checkAuth(_signal: AbortSignal, { use }: HealthTools): void {
  use(KeyRings).current()
  use(Revocations).has('')
}
