import { styleText } from 'node:util'
import type { LogFields } from './logger.ts'

const names: Record<number, string> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' }

/** A line for people: time, level, message, fields, and the stack of an error below. */
export function prettyLine(time: number, level: number, message: string, fields: LogFields): string {
  const { err, ...rest } = fields
  const error = err as { message?: string; stack?: string } | undefined
  // What was thrown may be no error.
  const shown = Object.entries(error?.stack === undefined ? fields : rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? singleLine(value) : JSON.stringify(value)}`)
  const head = [clockTime(time), paint(level, (names[level] ?? 'INFO').padEnd(5)), singleLine(message), dim(shown.join(' '))]
    .filter((part) => part !== '')
    .join(' ')
  return `${head}\n${error?.stack === undefined ? '' : `${dim(error.stack)}\n`}`
}

/** `GET /cars 200 1.2 ms` */
export function prettyRequest(time: number, method: string, path: string, status: number, durationMs: number): string {
  const level = status >= 500 ? 50 : status >= 400 ? 40 : 30
  return `${[clockTime(time), method, singleLine(path), paint(level, String(status)), dim(`${durationMs.toFixed(1)} ms`)].join(' ')}\n`
}

function clockTime(time: number): string {
  return dim(new Date(time).toTimeString().slice(0, 8))
}

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f]/g

function singleLine(text: string): string {
  return text.replace(control, (character) => JSON.stringify(character).slice(1, -1))
}

const coloured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
const dim = (text: string) => (coloured && text !== '' ? styleText('gray', text) : text)
const paint = (level: number, text: string) => (coloured ? styleText(level >= 50 ? 'red' : level >= 40 ? 'yellow' : 'green', text) : text)
