import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { route } from 'glueful'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDoor } from './doors.ts'

const routes = {
  json: route.post('/json', { body: z.any() }, () => 'read'),
  upload: route.post('/upload', { accepts: ['multipart'], multipart: { fileSize: 1_024 } }, () => 'read'),
  none: route.post('/none', () => 'not read'),
}

// In a process of its own, which writes while the server closes. 16 MB are more than the buffers of both ends hold.
const client = String.raw`
const large = Buffer.alloc(16 * 1024 * 1024, 0x20)
const head = Buffer.from('--x\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\n')
async function* inChunks() {
  yield head
  for (let i = 0; i < 256; i++) yield large.subarray(0, 65_536)
}
const [base] = process.argv.slice(-1)
const seen = new Set()
for (let round = 0; round < 6; round++)
  for (const [path, type, body] of [
    ['/json', 'application/json', large],
    ['/json', 'text/plain', large],
    ['/json', 'application/json', inChunks()],
    ['/upload', 'multipart/form-data; boundary=x', inChunks()],
    ['/nowhere', 'application/json', large],
    ['/none', 'application/json', large],
  ]) {
    const answer = await fetch(base + path, { method: 'POST', headers: { 'content-type': type }, body, duplex: 'half' }).catch((error) => ({ status: String(error.cause?.code ?? error) }))
    seen.add(path + ' ' + type.split(';')[0] + ': ' + answer.status)
  }
console.log(JSON.stringify([...seen].sort()))
`

test('a client that sends a large body before it reads gets the answer each time', { timeout: 30_000 }, async () => {
  await using door = await openDoor('socket', { routes })
  const { url } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', client, '--', url])
  expect(JSON.parse(stdout)).toEqual([
    '/json application/json: 413',
    '/json text/plain: 415',
    '/none application/json: 200',
    '/nowhere application/json: 404',
    '/upload multipart/form-data: 413',
  ])
})

test('what follows the body on such a connection is not answered, and the connection is closed', async () => {
  let asked = 0
  await using door = await openDoor('socket', { routes: { ...routes, next: route.get('/next', () => ++asked) } })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => (received += chunk.toString()))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write('POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab')
  await expect.poll(() => received).toContain('"not read"')
  socket.write('cdGET /next HTTP/1.1\r\nHost: x\r\n\r\n')
  await closed
  expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(asked).toBe(0)
})

test('a client that goes on sending does not keep the server from closing', { timeout: 20_000 }, async () => {
  const door = await openDoor('socket', { routes }, { env: { SHUTDOWN_TIMEOUT: '1h' } })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  const answered = new Promise((resolve) => socket.once('data', resolve))
  socket.write('POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nab')
  await answered
  const drip = setInterval(() => socket.write('x'), 20)
  await door.app.close()
  clearInterval(drip)
  socket.destroy()
})
