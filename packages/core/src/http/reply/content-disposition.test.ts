import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentDisposition } from './content-disposition.ts'

test.each([
  ['report.pdf', 'attachment; filename="report.pdf"'],
  ['a b;c.txt', 'attachment; filename="a b;c.txt"'],
  ['€ "rates".txt', `attachment; filename="_ _rates_.txt"; filename*=UTF-8''%E2%82%AC%20%22rates%22.txt`],
  ["it's (1)*.txt", `attachment; filename="it's (1)*.txt"`],
  ["ü'(*)", `attachment; filename="_'(*)"; filename*=UTF-8''%C3%BC%27%28%2A%29`],
  ['100%25.txt', `attachment; filename="100_25.txt"; filename*=UTF-8''100%2525.txt`],
  ['../../etc/passwd', 'attachment; filename=".._.._etc_passwd"'],
  ['a\r\nset-cookie: b\0', 'attachment; filename="a__set-cookie: b_"'],
  ['\ud800', `attachment; filename="_"; filename*=UTF-8''%EF%BF%BD`],
])('%j', (name, header) => {
  expect(contentDisposition(name)).toBe(header)
})

test('every name makes a header of visible ASCII that gives the name back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const header = contentDisposition(name)
      expect(header).toMatch(/^attachment; filename="[^"\\%]*"(?:; filename\*=UTF-8''(?:[\w!#$&+.^`|~-]|%[\dA-F]{2})*)?$/)
      expect(header).toMatch(/^[\x20-\x7e]*$/)
      const extended = /\*=UTF-8''(.*)$/.exec(header)?.[1]
      // oxlint-disable-next-line no-control-regex
      if (extended !== undefined) expect(decodeURIComponent(extended)).toBe(name.replace(/[/\\\x00-\x1f\x7f]/g, '_'))
    }),
  )
})
