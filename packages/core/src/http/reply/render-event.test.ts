import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Context } from '../context/context.ts'
import { renderEvent } from './render-event.ts'

const ctx = { path: '/x', route: undefined } as Context

interface Received {
  data: string
  event: string
  id: string | undefined
}

/** WHATWG HTML, 9.2.6, as a browser reads it. */
function receive(frames: string): Received[] {
  const events: Received[] = []
  let [data, event, id] = ['', '', undefined as string | undefined]
  for (const line of frames.split(/\r\n|\r|\n/)) {
    if (line === '') {
      if (data !== '') events.push({ data: data.slice(0, -1), event: event || 'message', id })
      ;[data, event] = ['', '']
      continue
    }
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const [field, value] = colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
    if (field === 'data') data += `${value}\n`
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }
  return events
}

test.each([
  [{ id: '7', event: 'car', data: { a: 1 } }, 'event: car\nid: 7\ndata: {"a":1}\n\n'],
  [{ data: 'one\ntwo\r\nthree\rfour' }, 'data: one\ndata: two\ndata: three\ndata: four\n\n'],
  [{ data: '', retry: 500 }, 'retry: 500\ndata: \n\n'],
  [{ data: undefined }, 'data: null\n\n'],
  [{ data: 1, more: 2 }, 'data: {"data":1,"more":2}\n\n'],
  ['plain', 'data: plain\n\n'],
  [null, 'data: null\n\n'],
  [[1], 'data: [1]\n\n'],
])('%j', (value, frame) => {
  expect(renderEvent(ctx, value)).toBe(frame)
})

test('what is sent is what a browser receives, one event for each value', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n\0]/.test(text))
  const event = fc.record({ data: fc.oneof(fc.string({ unit: 'grapheme' }), fc.jsonValue()), event: line, id: line })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 4 }), (events) => {
      const received = receive(events.map((one) => renderEvent(ctx, one)).join(''))
      expect(received).toEqual(
        events.map(({ data, event, id }) => ({
          data: typeof data === 'string' ? data.replace(/\r\n?/g, '\n') : JSON.stringify(data),
          event: event || 'message',
          id,
        })),
      )
    }),
  )
})

test.each([
  { id: 'a\nb', data: 1 },
  { id: 'a\0', data: 1 },
  { event: 'a\rb', data: 1 },
  { retry: 1.5, data: 1 },
  { retry: -1, data: 1 },
  { retry: Number.NaN, data: 1 },
])('%j is an EVENT_INVALID', (value) => {
  expect(() => renderEvent(ctx, value)).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }))
})

test('data that JSON cannot express is a RESPONSE_NOT_JSON', () => {
  expect(() => renderEvent(ctx, { data: 1n })).toThrow(expect.objectContaining({ code: 'RESPONSE_NOT_JSON' }))
})
