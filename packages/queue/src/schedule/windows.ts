import { fail } from '../errors.ts'

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Weekday = (typeof weekdays)[number]

/** A time of day in which nothing is to run; one that ends before it begins goes over midnight. */
export interface Window {
  /** `'22:00'`, included. */
  readonly from: string
  /** `'04:30'`, not included; `'24:00'` is the end of the day. */
  readonly to: string
  /** Days on which it begins. Default: all. */
  readonly days?: readonly Weekday[]
  /** Default: that of the schedule. */
  readonly timeZone?: string
}

/** @throws `SCHEDULE_INVALID` */
export function compileWindows(windows: readonly Window[], timeZone: string): (at: number) => boolean {
  const tests = windows.map((window) => compileWindow(window, window.timeZone ?? timeZone))
  return (at) => tests.some((test) => test(at))
}

function compileWindow({ from, to, days = weekdays }: Window, timeZone: string): (at: number) => boolean {
  const [start, end] = [minutesOf(from), to === '24:00' ? 1_440 : minutesOf(to)]
  // It could mean the whole day as well as nothing of it.
  if (start === end) throw fail('SCHEDULE_INVALID', { found: `${from} to ${to}`, reason: "a window ends when it begins; the whole day is '00:00' to '24:00'" })
  for (const day of days) if (!weekdays.includes(day)) throw fail('SCHEDULE_INVALID', { found: String(day), reason: `a day is one of ${weekdays.join(', ')}` })
  let clock: Intl.DateTimeFormat
  try {
    clock = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  } catch (cause) {
    throw fail('SCHEDULE_INVALID', { found: timeZone, reason: 'there is no such time zone' }, { cause })
  }
  return (at) => {
    const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]))
    const now = Number(parts['hour']) * 60 + Number(parts['minute'])
    const today = weekdays.indexOf((parts['weekday'] ?? '').toLowerCase() as Weekday)
    const begins = (day: number) => days.includes(weekdays[(day + 7) % 7] as Weekday)
    if (start <= end) return begins(today) && now >= start && now < end
    return (now >= start && begins(today)) || (now < end && begins(today - 1))
  }
}

function minutesOf(text: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (match === null) throw fail('SCHEDULE_INVALID', { found: JSON.stringify(text), reason: "a time of day is written '22:00'" })
  return Number(match[1]) * 60 + Number(match[2])
}
