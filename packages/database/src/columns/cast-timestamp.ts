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

export function decodeTimestamp(raw: unknown): Date {
  return new Date(timestampMs(raw))
}

/** `2026-11-26 11:05:24.123+00`, with or without fraction, T, Z and offset; without an offset it is UTC. */
function parseTimestamp(text: string): number {
  const offsetAt = offsetStart(text)
  const fraction = text.charCodeAt(19) === 46 ? Math.floor(Number(`0.${text.slice(20, offsetAt)}`) * 1000 + 1e-6) : 0
  const ms = Date.UTC(digits(text, 0, 4), digits(text, 5, 2) - 1, digits(text, 8, 2), digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2), fraction)
  return offsetAt === text.length ? ms : ms - offsetMs(text.slice(offsetAt))
}

function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let index = from; index < from + count; index++) value = value * 10 + text.charCodeAt(index) - 48
  return value
}

function offsetStart(text: string): number {
  for (let index = 19; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 43 || code === 45 || code === 90) return index
  }
  return text.length
}

function offsetMs(offset: string): number {
  if (offset === 'Z' || offset === '+00') return 0
  const [hours = '0', minutes = '0', seconds = '0'] = offset.slice(1).split(':')
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return offset.startsWith('-') ? -ms : ms
}
