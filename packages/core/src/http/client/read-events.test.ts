import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReceivedEvent } from './client-types.ts'
import { readEvents } from './read-events.ts'

async function read(chunks: readonly Uint8Array[]): Promise<ReceivedEvent[]> {
  const events: ReceivedEvent[] = []
  for await (const event of readEvents(ReadableStream.from(chunks) as ReadableStream<Uint8Array>)) events.push(event)
  return events
}

test('events are the same however the bytes are cut, whatever ends the lines', async () => {
  const lines = [
    'id: 1',
    'event: sold',
    'data: Zürich 🚗',
    'data:  two',
    '',
    ': comment',
    '',
    'data',
    '',
    'id',
    'unknown: x',
    'data: last',
    '',
    'data: unfinished',
  ]
  const expected = [
    { event: 'sold', data: 'Zürich 🚗\n two', id: '1' },
    { event: 'message', data: '', id: '1' },
    { event: 'message', data: 'last', id: '' },
  ]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(200), { maxLength: 20 }), async (end, cuts) => {
      const bytes = new TextEncoder().encode(lines.join(end))
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      expect(await read(places.slice(1).map((place, index) => bytes.slice(places[index], place)))).toEqual(expected)
    }),
    { numRuns: 100 },
  )
})

test('an event without an end is cut off', async () => {
  const chunk = new TextEncoder().encode(`data: ${'x'.repeat(1_000_000)}\n`)
  await expect(read(Array.from({ length: 20 }, () => chunk))).rejects.toThrow('longer than 16 million')
})
