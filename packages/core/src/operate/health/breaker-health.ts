import { Breakers } from '../../foundation/breakers/breaker.ts'
import type { HealthCheck } from './health-check.ts'

/** Degraded while a breaker is not closed: what depends on that service does not work, all else does. */
export const breakerHealth: HealthCheck = {
  name: 'breakers',
  critical: false,
  check: (_signal, { use }) => {
    const cut = use(Breakers)
      .list()
      .filter(({ state }) => state !== 'closed')
    if (cut.length === 0) return undefined
    return { status: 'degraded', detail: cut.map(({ name, state }) => `${name} is ${state}`).join(', ') }
  },
}
