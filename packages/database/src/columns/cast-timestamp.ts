import type { Dialect } from '../sql/dialect.ts'
import { isoText } from './iso-text.ts'

const earliest = Date.UTC(1000, 0, 1)
const latest = Date.UTC(10_000, 0, 1) - 1

/** Integer milliseconds on SQLite, ISO 8601 on PostgreSQL, a UTC `datetime(3)` on MySQL; undefined for what none can hold. */
export function encodeTimestamp(value: unknown, dialect: Dialect): number | string | undefined {
  if (!(value instanceof Date)) return undefined
  const ms = value.getTime()
  if (!(ms >= earliest && ms <= latest)) return undefined
  if (dialect === 'sqlite') return ms
  const text = isoText(ms)
  return dialect === 'postgres' ? text : `${text.slice(0, 10)} ${text.slice(11, 23)}`
}

/** The moment that a driver's value stands for, in ms. */
export function timestampMs(raw: unknown): number {
  if (typeof raw === 'number') return raw
  if (typeof raw === 'string') return parseTimestamp(raw)
  return Number(raw)
}

/** An invalid Date for what is no moment: `infinity`, the day zero of MySQL. */
export function decodeTimestamp(raw: unknown): Date {
  return new Date(timestampMs(raw))
}

/** `2026-11-26 11:05:24.123+00`, with or without fraction, T, Z and offset; without an offset it is UTC. */
function parseTimestamp(text: string): number {
  // Years of five digits, below 1000 and before Christ, and what is no moment, as `infinity` and MySQL's day zero: others wrote them.
  if (text.charCodeAt(4) !== hyphen || text.charCodeAt(0) === zero || text.charCodeAt(text.length - 1) === letterC) return parseUnusual(text)
  const seconds = digits(text, 11, 2) * 3_600 + digits(text, 14, 2) * 60 + digits(text, 17, 2)
  let ms = daysSince1970(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)) * 86_400_000 + seconds * 1_000
  let at = 19
  if (text.charCodeAt(at) === dot) {
    // Less than a millisecond is cut off.
    let scale = 100
    for (at++; isDigit(text.charCodeAt(at)); at++, scale /= 10) if (scale >= 1) ms += (text.charCodeAt(at) - zero) * scale
  }
  return at === text.length || isUtc(text, at) ? ms : ms - offsetMs(text.slice(at))
}

const hyphen = 45
const letterC = 67
const dot = 46
const zero = 48

function isDigit(code: number): boolean {
  return code >= zero && code <= 57
}

/** Whether `+00` is all that follows, as on almost every server. */
function isUtc(text: string, at: number): boolean {
  return text.length === at + 3 && text.charCodeAt(at + 1) === zero && text.charCodeAt(at + 2) === zero
}

/** Faster than `Date.UTC`. Years begin in March, so that leap days are their last: howardhinnant.github.io/date_algorithms.html */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const inYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  return marchYear * 365 + ((marchYear / 4) | 0) - ((marchYear / 100) | 0) + ((marchYear / 400) | 0) + inYear - 719_468
}

function parseUnusual(text: string): number {
  const [, years, month, day, rest = '', era] = /^(\d{4,})-(\d\d)-(\d\d)([T ].*?)?( BC)?$/.exec(text) ?? []
  if (years === undefined || month === '00' || day === '00') return Number.NaN
  // The same day of a year that the usual way reads, moved by whole cycles of the calendar (400 years).
  const year = era === undefined ? Number(years) : 1 - Number(years)
  const cycles = Math.floor((year - 2000) / 400)
  const usual = String(year - cycles * 400)
  return parseTimestamp(`${usual}-${month}-${day}${rest === '' ? ' 00:00:00' : rest}`) + cycles * msInCycle
}

const msInCycle = 146_097 * 86_400_000

function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let index = from; index < from + count; index++) value = value * 10 + text.charCodeAt(index) - zero
  return value
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0
  const [hours = '0', minutes = '0', seconds = '0'] = offset.slice(1).split(':')
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return offset.startsWith('-') ? -ms : ms
}
