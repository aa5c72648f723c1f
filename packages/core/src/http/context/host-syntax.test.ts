import { expect, test } from 'vitest'
import { isHost } from './host-syntax.ts'

test.each([
  '',
  'localhost',
  'localhost:',
  'api.example.com',
  'api.example.com.',
  'API.Example.com:443',
  'my_service:3000',
  'xn--bcher-kva.example',
  '192.0.2.1:80',
  '[::1]',
  '[2001:db8::1]:8080',
  '[::ffff:192.0.2.1]',
])('%j is a host', (text) => expect(isHost(text)).toBe(true))

test.each([
  'a b',
  'a@b',
  'a/b',
  'a?b',
  'a#b',
  'a\\b',
  'a,b',
  'a..b',
  '.a',
  'a:b',
  'a:123456',
  '[::1',
  '::1',
  '[x]',
  '<script>',
  "a'b",
  'a"b',
  'ä',
  'a%2eb',
  'a\tb',
  'a;b',
  'x'.repeat(301),
  'http://a',
])('%j is none', (text) => expect(isHost(text)).toBe(false))
