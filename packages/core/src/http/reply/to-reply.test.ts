import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { Reply } from '../context/reply.ts'
import { toReply } from './to-reply.ts'

class Car {
  readonly make = 'Volvo'
}

async function* ticks() {
  yield 1
}

test.each<[string, unknown, string, number]>([
  ['an object', {}, 'json', 200],
  ['an object without prototype', Object.create(null), 'json', 200],
  ['an instance', new Car(), 'json', 200],
  ['an array', [], 'json', 200],
  ['null', null, 'json', 200],
  ['a string', '', 'json', 200],
  ['a number', 0, 'json', 200],
  ['false', false, 'json', 200],
  ['a date', new Date(0), 'json', 200],
  ['nothing', undefined, 'empty', 204],
  ['a Buffer', Buffer.from('x'), 'bytes', 200],
  ['bytes', new Uint8Array(1), 'bytes', 200],
  ['a Readable', Readable.from(['x']), 'stream', 200],
  ['a ReadableStream', new ReadableStream(), 'stream', 200],
  ['an async generator', ticks(), 'events', 200],
  ['any async iterable', { [Symbol.asyncIterator]: ticks, __proto__: Car.prototype }, 'events', 200],
  ['a Response', new Response(null, { status: 418 }), 'response', 418],
  ['an instance of a class of Responses', new (class extends Response {})('x', { status: 201 }), 'response', 201],
])('%s is %s', (_, value, kind, status) => {
  const reply = toReply(value)
  expect([reply.kind, reply.status]).toEqual([kind, status])
})

test('a reply is itself', () => {
  const reply = new Reply(201, 'json', 1)
  expect(toReply(reply)).toBe(reply)
})
