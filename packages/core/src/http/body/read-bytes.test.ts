import { PassThrough } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readBytes } from './read-bytes.ts'

const source = (stream: PassThrough, headers: Record<string, string> = {}) => ({
  hasBody: true,
  readHeader: (name: string) => headers[name],
  stream: () => stream,
  onEnd: () => {},
})
const limits = { limit: 100, timeout: 20, slowest: 1_000_000 }

test('a body that stops coming is BODY_TIMEOUT and asks for the connection to be closed', async () => {
  const stream = new PassThrough()
  stream.write('{')
  await expect(readBytes(source(stream), limits)).rejects.toMatchObject({ code: 'BODY_TIMEOUT', status: 408, headers: ['connection', 'close'] })
})

test('a source that closes early is BODY_ABORTED', async () => {
  const stream = new PassThrough()
  stream.write('{')
  setImmediate(() => stream.destroy())
  await expect(readBytes(source(stream), { ...limits, timeout: 5_000 })).rejects.toMatchObject({ code: 'BODY_ABORTED' })
})

test('chunks are put together, compressed ones inflated', async () => {
  const plain = new PassThrough()
  plain.write('ab')
  plain.end('cd')
  expect((await readBytes(source(plain), limits)).toString()).toBe('abcd')
  const packed = new PassThrough()
  packed.end(gzipSync('hello'))
  expect((await readBytes(source(packed, { 'content-encoding': 'gzip' }), limits)).toString()).toBe('hello')
})
