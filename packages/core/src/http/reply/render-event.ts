import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../context/context.ts'
import type { ServerEvent } from './events.ts'
import { toJson } from './to-json.ts'

/**
 * The frame of an event (WHATWG HTML, 9.2.6).
 * @throws `EVENT_INVALID` for fields that would end their line, `RESPONSE_NOT_JSON` for data that JSON cannot express.
 */
export function renderEvent(ctx: Context, value: unknown): string {
  const event: ServerEvent = isServerEvent(value) ? value : { data: value }
  let frame = ''
  if (event.event !== undefined) frame += `event: ${oneLine('event', event.event)}\n`
  if (event.id !== undefined) frame += `id: ${oneLine('id', event.id)}\n`
  if (event.retry !== undefined) frame += `retry: ${wholeNumber(event.retry)}\n`
  const data = typeof event.data === 'string' ? event.data : toJson(ctx, event.data ?? null)
  // Every line break of the format would end the field: CRLF, CR and LF.
  for (const line of data.split(/\r\n|\r|\n/)) frame += `data: ${line}\n`
  return `${frame}\n`
}

function isServerEvent(value: unknown): value is ServerEvent {
  if (typeof value !== 'object' || value === null || !('data' in value)) return false
  return Object.keys(value).every((key) => key === 'data' || key === 'event' || key === 'id' || key === 'retry')
}

function oneLine(field: string, value: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/[\r\n\0]/.test(value)) throw fail('EVENT_INVALID', { field, reason: 'contains a line break or NUL' })
  return value
}

function wholeNumber(retry: number): number {
  if (!Number.isSafeInteger(retry) || retry < 0) throw fail('EVENT_INVALID', { field: 'retry', reason: `is ${String(retry)}` })
  return retry
}
