import { connect, type Socket } from 'node:net'
import { route, text } from 'glueful'
import { expect, test } from 'vitest'
import { defaultReadLimits } from '../../packages/core/src/http/body/read-bytes.ts'
import { defaultDoorLimits } from '../../packages/core/src/server/node-door.ts'
import { openDoor } from './doors.ts'

// More than the buffers of both ends hold.
const large = 'x'.repeat(32 * 1024 * 1024)
const routes = { large: route.get('/large', () => text(large)) }

async function ask(sendTimeout: number): Promise<{ socket: Socket; closed: Promise<void>; door: Awaited<ReturnType<typeof openDoor>> }> {
  const door = await openDoor('socket', { routes, server: { limits: { sendTimeout } } })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
  return { socket, closed, door }
}

test('a client that takes nothing of its answer is cut', { timeout: 20_000 }, async () => {
  const { socket, closed, door } = await ask(200)
  await using _ = door
  socket.pause()
  // Whoever does not read learns of the end by writing.
  const probe = setInterval(() => socket.write('x'), 50)
  await closed
  clearInterval(probe)
  expect(socket.bytesRead).toBeLessThan(large.length)
})

test('a client that takes its answer slowly, but takes it, gets all', { timeout: 30_000 }, async () => {
  const { socket, door } = await ask(1_000)
  await using _ = door
  let received = 0
  await new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new TypeError(`cut after ${received} bytes`)))
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received > large.length) return resolve()
      socket.pause()
      setTimeout(() => socket.resume(), 2)
    })
  })
  socket.destroy()
  expect(received).toBeGreaterThan(large.length)
})

test('by default a head or a body that drips is cut within 15 seconds', () => {
  expect(defaultDoorLimits.headersTimeout + defaultDoorLimits.checkInterval).toBeLessThanOrEqual(15_000)
  expect(defaultReadLimits.timeout).toBeLessThanOrEqual(14_500)
})
