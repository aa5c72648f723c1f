import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { job } from '../job/job.ts'
import { cron, every, type Scheduled } from './scheduled.ts'

const Report = job('report', {}, () => {})
const times = (scheduled: Scheduled, from: string, count: number) => {
  const found: string[] = []
  for (let at: number | undefined = Date.parse(from); found.length < count;) {
    at = scheduled.next(at)
    if (at === undefined) break
    found.push(new Date(at).toISOString().slice(5, 16))
  }
  return found
}
const berlin = (pattern: string) => cron(pattern, { timeZone: 'Europe/Berlin' }).run(Report)

test('a time of day follows the clock of its zone through both changes', () => {
  expect(times(berlin('0 3 * * *'), '2026-03-27T12:00:00Z', 3)).toEqual(['03-28T02:00', '03-29T01:00', '03-30T01:00'])
  expect(times(berlin('0 3 * * *'), '2026-10-23T12:00:00Z', 3)).toEqual(['10-24T01:00', '10-25T02:00', '10-26T02:00'])
})

test('a time that the clock leaps over runs once, right after the gap', () => {
  expect(times(berlin('30 2 * * *'), '2026-03-28T12:00:00Z', 2)).toEqual(['03-29T01:00', '03-30T00:30'])
})

test('a time that comes twice runs once; a pattern for every hour runs in both', () => {
  expect(times(berlin('30 2 * * *'), '2026-10-24T12:00:00Z', 2)).toEqual(['10-25T00:30', '10-26T01:30'])
  expect(times(berlin('0 * * * *'), '2026-10-24T23:30:00Z', 4)).toEqual(['10-25T00:00', '10-25T01:00', '10-25T02:00', '10-25T03:00'])
})

test('other zones change on other days', () => {
  const newYork = cron('0 3 * * *', { timeZone: 'America/New_York' }).run(Report)
  expect(times(newYork, '2026-03-07T12:00:00Z', 2)).toEqual(['03-08T07:00', '03-09T07:00'])
  expect(times(cron('0 3 * * *').run(Report), '2026-03-28T12:00:00Z', 2)).toEqual(['03-29T03:00', '03-30T03:00'])
})

test('an interval has the same times in every process', () => {
  expect(times(every('15m').run(Report), '2026-01-01T10:07:12Z', 3)).toEqual(['01-01T10:15', '01-01T10:30', '01-01T10:45'])
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 86_400_000 }), fc.integer({ min: 0, max: 2e12 }), (ms, after) => {
      const next = every(ms).run(Report).next(after) as number
      expect(next).toBeGreaterThan(after)
      expect(next - after).toBeLessThanOrEqual(ms)
      expect(next % ms).toBe(0)
    }),
  )
})

test('times always go forward, each one once, whatever the zone', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu')
  const minute = fc.integer({ min: 0, max: 59 })
  const hour = fc.integer({ min: 0, max: 23 })
  fc.assert(
    fc.property(zones, minute, hour, fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) }), (timeZone, m, h, from) => {
      const scheduled = cron(`${m} ${h} * * *`, { timeZone }).run(Report)
      const list = [from]
      for (let index = 0; index < 5; index++) list.push(scheduled.next(list.at(-1) as number) as number)
      for (const [index, at] of list.entries()) {
        if (index < 2) continue
        const hours = (at - (list[index - 1] as number)) / 3_600_000
        expect(hours).toBeGreaterThanOrEqual(22.9)
        expect(hours).toBeLessThanOrEqual(25.1)
      }
    }),
    { numRuns: 60 },
  )
})

test('a payload is part of a schedule', () => {
  const Typed = job('typed', { payload: z.object({ kind: z.string() }) }, () => {})
  expect(every('1h').run(Typed, { kind: 'full' }, { name: 'typed-full' })).toMatchObject({ name: 'typed-full', payload: { kind: 'full' }, job: Typed })
})

test('a window over midnight belongs to the day on which it begins', () => {
  const { excluded } = every('1h').run(Report, undefined, { except: [{ from: '22:00', to: '04:00', days: ['sat'], timeZone: 'Europe/Berlin' }] })
  const at = (text: string) => excluded(Date.parse(text))
  expect(at('2026-06-06T20:00:00Z')).toBe(true) // Saturday, 22:00
  expect(at('2026-06-07T01:59:00Z')).toBe(true) // Sunday, 03:59
  expect(at('2026-06-07T02:00:00Z')).toBe(false)
  expect(at('2026-06-06T01:00:00Z')).toBe(false) // Saturday morning belongs to Friday
  expect(at('2026-06-06T19:59:00Z')).toBe(false)
})

test('a window may be a whole day', () => {
  const { excluded } = every('1h').run(Report, undefined, { except: [{ from: '00:00', to: '24:00', days: ['sun'] }] })
  const at = (text: string) => excluded(Date.parse(text))
  expect([at('2026-06-06T23:59:59Z'), at('2026-06-07T00:00:00Z'), at('2026-06-07T23:59:59Z'), at('2026-06-08T00:00:00Z')]).toEqual([false, true, true, false])
})

test.for([
  () => cron('x y'),
  () => cron('0 0 0 0 0 0 0'),
  () => cron('0 3 * * *', { timeZone: 'Europe/Atlantis' }),
  () => every(10),
  () => every('1h').run(Report, undefined, { name: 'no name' }),
  () => every('1h').run(Report, undefined, { missed: 'maybe' as never }),
  () => every('1h').run(Report, undefined, { except: [{ from: '25:00', to: '04:00' }] }),
  () => every('1h').run(Report, undefined, { except: [{ from: '22:00', to: '22:00' }] }),
  () => every('1h').run(Report, undefined, { except: [{ from: '24:00', to: '04:00' }] }),
  () => every('1h').run(Report, undefined, { except: [{ from: '22:00', to: '04:00', days: ['saturday' as never] }] }),
  () => every('1h').run(Report, undefined, { except: [{ from: '22:00', to: '04:00', timeZone: 'Nowhere' }] }),
])('what is no schedule is refused where it is written: %s', (declare) => {
  expect(declare).toThrow(expect.objectContaining({ code: 'SCHEDULE_INVALID' }))
})
