import { expect, test } from 'vitest'
import { Reply } from '../context/reply.ts'
import { buildHead, mergeHeaders } from './build-head.ts'

test('a header of the reply or of a stage takes the place of the constant one', () => {
  expect(mergeHeaders(['a', '1', 'b', '1', 'c', '1'], ['a', '2'], ['b', '3'])).toEqual(['c', '1', 'a', '2', 'b', '3'])
})

test('Vary of all of them is sent', () => {
  expect(mergeHeaders(['vary', 'origin'], ['vary', 'accept'], ['vary', 'cookie'])).toEqual(['vary', 'origin', 'vary', 'accept', 'vary', 'cookie'])
})

test('what the reply says itself wins over what stages added, unless both count', () => {
  expect(mergeHeaders([], ['content-type', 'a/b', 'set-cookie', 'a=1'], ['content-type', 'c/d', 'set-cookie', 'b=2'])).toEqual([
    'content-type',
    'a/b',
    'set-cookie',
    'a=1',
    'set-cookie',
    'b=2',
  ])
})

test('the framing of the message is never taken from a header', () => {
  expect(mergeHeaders([], ['content-length', '5', 'transfer-encoding', 'chunked'], ['content-length', '7', 'x', '1'])).toEqual(['x', '1'])
})

test('the arrays that go in stay as they are', () => {
  const [constant, own, extra] = [Object.freeze(['a', '1']), Object.freeze(['b', '2']), Object.freeze(['c', '3'])]
  expect(mergeHeaders(constant, own, extra)).not.toBe(constant)
  expect(constant).toEqual(['a', '1'])
})

test.each<[string, string, number, Reply['kind'], Reply['payload'], number | undefined, string | undefined]>([
  ['text by its bytes', 'GET', 200, 'text', 'ä€', undefined, '5'],
  ['text by its bytes, whatever was declared', 'GET', 200, 'text', 'a', 9, '1'],
  ['bytes', 'GET', 200, 'bytes', new Uint8Array(3), undefined, '3'],
  ['text for HEAD', 'HEAD', 200, 'json', '{}', undefined, '2'],
  ['a declared length', 'HEAD', 200, 'file', null, 77, '77'],
  ['nothing', 'GET', 200, 'empty', null, undefined, '0'],
  ['nothing for HEAD', 'HEAD', 200, 'empty', null, undefined, '0'],
  ['a length that HEAD does not know', 'HEAD', 200, 'events', null, undefined, undefined],
  ['no length for 204', 'GET', 204, 'json', '{}', undefined, undefined],
  ['no length for 304', 'GET', 304, 'file', null, 10, undefined],
  ['zero for 205', 'GET', 205, 'json', '{}', undefined, '0'],
])('Content-Length: %s', (_, method, status, kind, payload, length, expected) => {
  const reply = new Reply(status, kind, undefined)
  reply.payload = payload
  reply.length = length
  const headers = buildHead(method, reply, [], [])
  expect(headers[headers.indexOf('content-length') + 1]).toBe(expected ?? headers[0])
  expect(headers.includes('content-length')).toBe(expected !== undefined)
})
