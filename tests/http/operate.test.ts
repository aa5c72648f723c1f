import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { deferred, events, provide, route, service } from 'glueful'
import { createFrozenClock } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { openDoor, sendRaw } from './doors.ts'

const routes = {
  show: route.get('/cars/:id', ({ params }) => params.id),
  fail: route.get('/fail', () => {
    throw new Error('x')
  }),
}

describe('health', () => {
  test('live asks nobody; ready follows the checks; detailed tells more', async () => {
    let broken = false
    await using door = await openDoor('fetch', {
      routes,
      version: '1.2.3',
      health: [
        {
          name: 'database',
          check: () => {
            if (broken) throw new Error('connect db.internal:5432 refused')
          },
        },
        {
          name: 'search',
          critical: false,
          check: () => {
            throw new Error('down')
          },
        },
        { name: 'slow', critical: false, timeout: 5, check: () => new Promise(() => {}) },
      ],
    })
    const get = async (path: string) => {
      const answer = await door.send('GET', path)
      return { status: answer.status, body: answer.json(), text: answer.text }
    }
    const ready = await get('/health/ready')
    expect(ready).toMatchObject({
      status: 200,
      body: { status: 'degraded', checks: { database: { status: 'ok' }, search: { status: 'degraded' }, slow: { status: 'degraded' } } },
    })
    const detailed = await get('/health/detailed')
    expect(detailed.body).toMatchObject({ version: '1.2.3', checks: { slow: { detail: 'no answer within 5 ms' }, memory: {}, disk: {} } })
    broken = true
    await expect.poll(async () => (await get('/ready')).status, { interval: 100 }).toBe(503)
    const down = await get('/health/ready')
    expect(down.body['status']).toBe('down')
    expect(down.text).not.toContain('db.internal')
    for (const path of ['/health/live', '/healthz', '/health/startup']) expect((await get(path)).status, path).toBe(200)
  })

  test('readiness and metrics are for the addresses that are allowed', async () => {
    await using door = await openDoor('socket', { routes }, { env: { HEALTH_IP_ALLOWLIST: '10.0.0.0/8', METRICS_IP_ALLOWLIST: '10.0.0.0/8' } })
    for (const path of ['/health/ready', '/ready', '/health/detailed', '/metrics']) expect((await door.send('GET', path)).status, path).toBe(403)
    for (const path of ['/health/live', '/healthz']) expect((await door.send('GET', path)).status, path).toBe(200)
  })
})

describe('metrics', () => {
  test('count by route, method and status; unknown URLs never make a series', async () => {
    await using door = await openDoor('socket', { routes })
    for (const path of ['/cars/1', '/cars/2', '/cars/%zz', '/fail', '/nowhere/1', '/nowhere/2']) await door.send('GET', path)
    await door.send('BREW' as never, '/x').catch(() => undefined)
    const { text, headers } = await door.send('GET', '/metrics')
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('glueful_http_requests_total{route="/cars/:id",method="GET",status="200"} 2')
    expect(text).toContain('glueful_http_requests_total{route="/fail",method="GET",status="500"} 1')
    expect(text).toContain('glueful_http_requests_total{route="unmatched",method="GET",status="404"} 2')
    expect(text).toContain('glueful_http_request_duration_seconds_count{route="/cars/:id",method="GET"} 2')
    expect(text).not.toContain('nowhere')
    expect(text).toMatch(/glueful_http_requests_in_flight 1/)
    expect(text).toMatch(/glueful_nodejs_heap_used_bytes \d+/)
    expect(text).toMatch(/glueful_process_open_fds \d+/)
  })

  test('say whether requests may be sent here, and which check is down', async () => {
    let isUp = true
    const health = [
      {
        name: 'stock',
        check: () => {
          if (!isUp) throw new RangeError('away')
        },
      },
    ]
    const clock = createFrozenClock()
    await using door = await openDoor('fetch', { routes, health }, { clock })
    expect((await door.send('GET', '/metrics')).text).toMatch(/^glueful_ready 1$[^]*^glueful_health_check_up\{check="stock"\} 1$/m)
    isUp = false
    clock.advance(2_000)
    expect((await door.send('GET', '/metrics')).text).toMatch(/^glueful_ready 0$[^]*^glueful_health_check_up\{check="stock"\} 0$/m)
  })

  test.skipIf(spawnSync('promtool', ['--version']).error !== undefined && process.env['CI'] !== 'true')(
    'promtool accepts them (skipped where there is no promtool)',
    async () => {
      await using door = await openDoor('socket', { routes })
      await door.send('GET', '/cars/1')
      const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: (await door.send('GET', '/metrics')).text, encoding: 'utf8' })
      expect(`${stdout}${stderr}`).toBe('')
      expect(status).toBe(0)
    },
  )
})

test('a request is one line of JSON with pino’s members', async () => {
  await using door = await openDoor('fetch', { routes, version: '2.0.0' })
  await door.send('GET', '/cars/7?token=secret')
  const line = JSON.parse(door.logs.at(-1) as string) as Record<string, unknown>
  expect(line).toMatchObject({
    level: 30,
    msg: 'request',
    service: 'test',
    version: '2.0.0',
    environment: 'test',
    method: 'GET',
    path: '/cars/7',
    route: 'show',
    status: 200,
    bytes: 3,
    ip: '127.0.0.1',
  })
  expect(line['time']).toBeTypeOf('number')
  expect(line['requestId']).toBeTypeOf('string')
  expect(door.logs.join('')).not.toContain('secret')
})

describe('draining', () => {
  test('requests in flight are finished, connections closed, services stopped last', async () => {
    const seen: string[] = []
    const Thing = service<object>('thing')
    const started = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const slow = route.get('/slow', async () => {
      started.resolve()
      await go.promise
      seen.push('answered')
      return 'done'
    })
    const door = await openDoor('socket', { routes: { slow }, services: [provide(Thing, () => ({}), { stop: () => void seen.push('stopped') })] })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const answer = sendRaw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await started.promise
    const closing = door.app.close()
    await expect(sendRaw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    go.resolve()
    await closing
    expect(seen).toEqual(['answered', 'stopped'])
    const text = (await answer).toLowerCase()
    expect(text).toContain('connection: close')
    expect(text).toContain('"done"')
  })

  test('200 idle connections are closed and keep nobody waiting', { timeout: 30_000 }, async () => {
    const door = await openDoor('socket', { routes }, { env: { SHUTDOWN_TIMEOUT: '20s' } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const sockets = Array.from({ length: 200 }, () => connect(port, '127.0.0.1'))
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())))
    // Half of them have had an answer, half have never asked.
    await Promise.all(
      sockets.map(async (socket, index) => {
        await once(socket, 'connect')
        if (index % 2 === 0) return
        socket.write('GET /cars/7 HTTP/1.1\r\nHost: x\r\n\r\n')
        await once(socket, 'data')
      }),
    )
    const logs = door.logs.length
    await door.app.close()
    await Promise.all(closed)
    expect(door.logs.slice(logs).join('')).not.toContain('Requests were cut')
  })

  test('event streams end and long polls are answered at once, with nothing cut', async () => {
    const closed = Promise.withResolvers<void>()
    const ticks = route.get('/ticks', () =>
      events(async function* (_, signal) {
        yield { id: '1', data: 'first' }
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        closed.resolve()
      }),
    )
    const asked = Promise.withResolvers<void>()
    const news = route.get('/news', ({ signal }) => {
      asked.resolve()
      return deferred<string>({ signal, timeout: '1h', onTimeout: () => 'ask again' }).answer
    })
    const door = await openDoor('socket', { routes: { ticks, news } }, { env: { SHUTDOWN_TIMEOUT: '1h' } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const subscriber = connect(port, '127.0.0.1', () => subscriber.write('GET /ticks HTTP/1.1\r\nHost: x\r\n\r\n'))
    let received = ''
    subscriber.on('data', (chunk) => (received += chunk.toString()))
    const left = once(subscriber, 'close')
    const poll = sendRaw(port, 'GET /news HTTP/1.1\r\nHost: x\r\n\r\n')
    await asked.promise
    await expect.poll(() => received).toContain('data: first')
    const logs = door.logs.length
    await door.app.close()
    await Promise.all([left, closed.promise])
    // The last chunk: the client knows that the stream has ended, and was not cut.
    expect(received.endsWith('0\r\n\r\n')).toBe(true)
    expect(await poll).toContain('"ask again"')
    expect(door.logs.slice(logs).filter((line) => (JSON.parse(line) as { level: number }).level > 30)).toEqual([])
  })

  test('a stream of events that is asked for while draining ends after its opening', async () => {
    const started = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const ticks = route.get('/ticks', async () => {
      started.resolve()
      await go.promise
      return events(async function* (_, signal) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      })
    })
    const door = await openDoor('socket', { routes: { ticks } }, { env: { SHUTDOWN_TIMEOUT: '1h' } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const answer = sendRaw(port, 'GET /ticks HTTP/1.1\r\nHost: x\r\n\r\n')
    await started.promise
    const closing = door.app.close()
    go.resolve()
    await closing
    expect((await answer).endsWith('\r\n\r\n3\r\n:\n\n\r\n0\r\n\r\n')).toBe(true)
  })

  test('what outlives the deadline is cut and its signal aborted', async () => {
    const started = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<string>()
    const slow = route.get('/slow', ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve((signal.reason as Error).message))
      started.resolve()
      return new Promise(() => {})
    })
    const door = await openDoor('socket', { routes: { slow } }, { env: { SHUTDOWN_TIMEOUT: '50ms' } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const answer = sendRaw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await started.promise
    await door.app.close()
    expect(await answer).toBe('')
    expect(await aborted.promise).toBe('The server is shutting down.')
    expect(door.logs.join('')).toContain('Requests were cut')
  })
})
