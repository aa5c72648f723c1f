import { Readable } from 'node:stream'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Reply } from '../context/reply.ts'
import { route } from '../context/route.ts'
import { accepted, bytes, created, html, noContent, redirect, reply, text } from './constructors.ts'

test('replies keep the types of status and body', () => {
  expectTypeOf(created({ id: 1 })).toEqualTypeOf<Reply<201, { id: number }>>()
  expectTypeOf(accepted()).toEqualTypeOf<Reply<202, undefined>>()
  expectTypeOf(reply(207, [1])).toEqualTypeOf<Reply<207, number[]>>()
  expectTypeOf(redirect('/x', 303)).toEqualTypeOf<Reply<303, undefined>>()
  const show = route.post('/cars', () => created({ id: 'x' }))
  expectTypeOf<NonNullable<(typeof show)['types']>['body']>().toEqualTypeOf<{ id: string }>()
})

test.each([
  ['created', created({ id: 1 }, '/cars/1'), [201, 'json', ['location', '/cars/1']]],
  ['created without a body', created(undefined, '/cars/1'), [201, 'empty', ['location', '/cars/1']]],
  ['accepted', accepted({ job: 1 }), [202, 'json', []]],
  ['accepted without a body', accepted(), [202, 'empty', []]],
  ['noContent', noContent(), [204, 'empty', []]],
  ['text', text('x', 404), [404, 'text', ['content-type', 'text/plain; charset=utf-8']]],
  ['html', html('<p>'), [200, 'text', ['content-type', 'text/html; charset=utf-8']]],
  ['bytes', bytes(new Uint8Array(1), 'image/png'), [200, 'bytes', ['content-type', 'image/png']]],
  ['reply', reply(418, null, { 'X-A': '1', Link: ['</a>', '</b>'] }), [418, 'json', ['x-a', '1', 'link', '</a>', 'link', '</b>']]],
  ['reply without a body', reply(200, undefined), [200, 'empty', []]],
  ['reply with bytes', reply(200, new Uint8Array(1)), [200, 'bytes', []]],
  ['reply with a stream', reply(200, Readable.from([])), [200, 'stream', []]],
])('%s', (_, { status, kind, headers }, expected) => {
  expect([status, kind, headers]).toEqual(expected)
})

describe('redirect', () => {
  test.each(['/cars', '/cars?a=1&b=%20#c', 'cars/1', '?page=2', '#top', '//cdn.test/x', 'https://other.test/x', "/a;b=1/(c)'*", 'shop.app:/callback'])(
    '%j is a target',
    (target) => {
      expect(redirect(target).headers).toEqual(['location', target])
    },
  )

  test.each([
    '',
    '/a b',
    '/a\r\nset-cookie: a=1',
    '/ä',
    '/\\other.test',
    '/a\tb',
    'http://',
    'http://[',
    '/100%',
    '/"',
    '/<',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
  ])('%j is refused with REDIRECT_INVALID', (target) => {
    expect(() => redirect(target)).toThrow(expect.objectContaining({ code: 'REDIRECT_INVALID' }))
    expect(() => created({}, target)).toThrow(expect.objectContaining({ code: 'REDIRECT_INVALID' }))
  })
})
