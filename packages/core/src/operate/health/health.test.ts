import { expect, test } from 'vitest'
import { createFrozenClock } from '../../testing/frozen-clock.ts'
import type { HealthCheck } from './health-check.ts'
import { createHealth, type Readiness } from './health.ts'

function healthOf(checks: readonly HealthCheck[], parts: { readiness?: () => Readiness; use?: unknown } = {}) {
  const clock = createFrozenClock()
  const use = (parts.use ?? (() => undefined)) as never
  return { clock, health: createHealth({ checks, clock, version: '1.2.3', readiness: parts.readiness ?? (() => 'ready'), use }) }
}

test('checks are asked once a second, however many ask', async () => {
  let asked = 0
  const { clock, health } = healthOf([{ name: 'database', check: () => void asked++ }])
  await Promise.all([health.ready(), health.ready(), health.detailed()])
  expect(asked).toBe(1)
  clock.advance(1_001)
  await health.ready()
  expect(asked).toBe(2)
})

test('a check that does not answer is down, and its signal aborted', async () => {
  let reason: unknown
  const check = (signal: AbortSignal) =>
    new Promise<void>(() => {
      signal.addEventListener('abort', () => (reason = signal.reason))
    })
  const { health } = healthOf([{ name: 'search', timeout: 10, check }])
  const { status, body } = await health.detailed()
  expect(status).toBe(503)
  expect(body['checks']).toMatchObject({ search: { status: 'down', detail: 'no answer within 10 ms' } })
  expect(reason).toMatchObject({ name: 'TimeoutError' })
})

test.each([
  ['nothing fails', [{}], 200, 'ok'],
  ['a critical check fails', [{}, { fails: true }], 503, 'down'],
  ['another check fails', [{}, { fails: true, critical: false }], 200, 'degraded'],
  ['a check says so itself', [{ says: 'degraded' as const }], 200, 'degraded'],
  ['down counts more than degraded', [{ fails: true }, { says: 'degraded' as const }], 503, 'down'],
])('when %s', async (_, checks: readonly { fails?: boolean; critical?: boolean; says?: 'ok' | 'degraded' }[], status, said) => {
  const { health } = healthOf(
    checks.map(({ fails, critical = true, says }, index) => ({
      name: `check ${index}`,
      critical,
      check: () => {
        if (fails === true) throw new TypeError('connect db.internal:5432 refused')
        return says === undefined ? undefined : { status: says, detail: 'slow' }
      },
    })),
  )
  const ready = await health.ready()
  expect([ready.status, ready.body['status']]).toEqual([status, said])
  // Whoever may ask for readiness learns no addresses.
  expect(JSON.stringify(ready.body)).not.toContain('db.internal')
})

test('before and after its time an application is not ready, and asks nothing', async () => {
  let readiness: Readiness = 'booting'
  let asked = 0
  const { health } = healthOf([{ name: 'database', check: () => void asked++ }], { readiness: () => readiness })
  expect([health.startup().status, (await health.ready()).body]).toEqual([503, { status: 'booting' }])
  readiness = 'draining'
  expect([health.startup().status, (await health.ready()).body, health.live().status]).toEqual([200, { status: 'draining' }, 200])
  expect(asked).toBe(0)
})

test('a check can use the services of its application', async () => {
  const use = () => 'a service'
  let got: unknown
  const { health } = healthOf([{ name: 'cache', check: (_, tools) => void (got = tools.use({} as never)) }], { use })
  await health.ready()
  expect(got).toBe('a service')
})
