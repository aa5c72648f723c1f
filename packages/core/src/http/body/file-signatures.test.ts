import { expect, test } from 'vitest'
import { beginsLike, isNamedLike } from './file-signatures.ts'

const box = (brand: string) => Buffer.concat([Buffer.from([0, 0, 0, 0x20]), Buffer.from(`ftyp${brand}\0\0\0\0`)])
const hex = (text: string) => Buffer.from(text.padEnd(32, '0'), 'hex')

const files: readonly (readonly [type: string, name: string, head: Buffer])[] = [
  ['application/gzip', 'a.tar.gz', hex('1f8b0800')],
  ['application/pdf', 'a.pdf', Buffer.from('%PDF-1.7\n%\u00e2\u00e3', 'latin1')],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'a.docx', hex('504b030414000600')],
  ['application/wasm', 'a.wasm', hex('0061736d01000000')],
  ['application/zip', 'empty.zip', hex('504b050600000000')],
  ['audio/mpeg', 'tagged.mp3', hex('49443304')],
  ['audio/mpeg', 'bare.mp3', hex('fffb9064')],
  ['audio/ogg', 'a.opus', Buffer.from('OggS\0\u0002')],
  ['audio/wav', 'a.wav', Buffer.from('RIFF\u0001\0\0\0WAVEfmt ')],
  ['font/woff2', 'a.woff2', Buffer.from('wOF2\0\u0001\0\0')],
  ['image/avif', 'a.avif', box('avif')],
  ['image/bmp', 'a.bmp', Buffer.from('BM\u0001')],
  ['image/gif', 'a.gif', Buffer.from('GIF89a')],
  ['image/heic', 'a.heic', box('heic')],
  ['image/jpeg', 'A.JPEG', hex('ffd8ffe000104a464946')],
  ['image/png', 'a.png', hex('89504e470d0a1a0a')],
  ['image/tiff', 'a.tif', hex('49492a00')],
  ['image/tiff', 'a.tiff', hex('4d4d002a')],
  ['image/webp', 'a.webp', Buffer.from('RIFF\u0001\0\0\0WEBPVP8 ')],
  ['video/mp4', 'a.mp4', box('isom')],
  ['video/webm', 'a.webm', hex('1a45dfa3')],
]

test.each(files)('%s: %s', (type, name, head) => {
  expect([beginsLike(type, head), isNamedLike(type, name)]).toEqual([true, true])
  for (const other of [Buffer.alloc(0), Buffer.from('<!doctype html>'), Buffer.from('#!/bin/sh\n'), head.subarray(0, 1)])
    expect(beginsLike(type, other)).toBe(false)
  for (const other of ['a.php', 'a.html', `${name}.exe`]) expect(isNamedLike(type, other)).toBe(false)
})

test('no kind takes the files of another, but for those that are containers of one form', () => {
  const forms = [/zip|openxml/, /avif|heic|mp4/]
  const mistaken = files.flatMap(([type, , head]) =>
    files
      .filter(([other]) => other !== type && beginsLike(other, head) && !forms.some((form) => form.test(type) && form.test(other)))
      .map(([other]) => [type, other]),
  )
  expect(mistaken).toEqual([])
})

test('types of text, and those that nobody knows, may begin and be called like anything', () => {
  expect([beginsLike('text/csv', Buffer.from('a,b')), isNamedLike('text/csv', 'a.dat'), beginsLike('application/x-own', Buffer.alloc(0))]).toEqual([
    true,
    true,
    true,
  ])
})
