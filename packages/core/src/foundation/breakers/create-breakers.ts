import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock.ts'
import { fail } from '../errors/catalog.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Breaker, BreakerOptions, Breakers } from './breaker.ts'
import { createBreaker } from './create-breaker.ts'
import { readBreakerOptions } from './read-breaker-options.ts'

export interface OwnBreakers extends Breakers {
  /** As `resetAll`, for this process alone. */
  resetHere(): number
}

const values = { closed: 0, 'half-open': 1, open: 2 } as const

export function createBreakers(metrics: Metrics, clock: Clock, tellOthers: () => void): OwnBreakers {
  const states = metrics.gauge({
    name: 'glueful_breaker_state',
    help: 'State of a circuit breaker: 0 closed, 1 half open, 2 open; of several processes the worst.',
    labels: ['breaker'],
    aggregation: 'max',
  })
  const calls = metrics.counter({
    name: 'glueful_breaker_calls_total',
    help: 'Calls through a breaker: succeeded, failed, refused.',
    labels: ['breaker', 'outcome'],
  })
  const opened = metrics.counter({ name: 'glueful_breaker_opened_total', help: 'How often a breaker has opened.', labels: ['breaker'] })
  const resets = metrics.counter({ name: 'glueful_breaker_resets_total', help: 'Breakers that were closed by hand.', labels: [] })
  const known = new Map<string, { readonly breaker: Breaker; readonly options: BreakerOptions }>()

  function breaker(name: string, options: BreakerOptions = {}): Breaker {
    const found = known.get(name)
    if (found !== undefined) {
      if (Object.keys(options).length > 0 && !isDeepStrictEqual(options, found.options))
        throw fail('BREAKER_INVALID', { name, reason: 'a breaker of that name has other options' })
      return found.breaker
    }
    if (!/^[\w.:-]{1,100}$/.test(name))
      throw fail('BREAKER_INVALID', { name: String(name).slice(0, 100), reason: 'a name has 1 to 100 letters, digits, dots, dashes' })
    const state = states.with(name)
    state.set(0)
    const made = createBreaker({
      name,
      rules: readBreakerOptions(name, options),
      clock,
      onState: (next) => {
        state.set(values[next])
        if (next === 'open') opened.with(name).inc()
      },
      onCall: (outcome) => calls.with(name, outcome).inc(),
    })
    known.set(name, { breaker: made, options })
    return made
  }

  function resetHere(): number {
    const count = [...known.values()].filter((one) => one.breaker.reset()).length
    resets.with().inc(count)
    return count
  }

  return {
    breaker,
    list: () => Array.from(known.values(), (one) => one.breaker.status()),
    resetHere,
    resetAll() {
      tellOthers()
      return resetHere()
    },
  }
}
