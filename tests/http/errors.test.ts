import { connect } from 'node:net'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { Conflict, NotFound, TooManyRequests, createApp, route, type AppDefinition, type Problem } from 'glueful'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { doorNames, openDoor } from './doors.ts'

class Teapot extends Error {
  toProblem() {
    return { status: 418, code: 'TEAPOT', title: 'Teapot', detail: 'Short and stout.' }
  }
}

const routes = {
  missing: route.get('/missing', () => {
    throw new NotFound('There is no car 7.', { code: 'CAR_NOT_FOUND' })
  }),
  slow: route.get('/slow', () => {
    throw new TooManyRequests('Slow down.', { retryAfter: 12.2 })
  }),
  taken: route.get('/taken', async () => {
    throw new Conflict('Taken.')
  }),
  broken: route.get('/broken', () => {
    throw new TypeError('secret detail: password=hunter2')
  }),
  deep: route.get('/deep', () => {
    const queries = Array.from({ length: 9 }, (_, line) => `    at query (file:///srv/shop/node_modules/@glueful/database/dist/query.js:${line}:1)`)
    throw Object.assign(new Error('gone'), {
      stack: [
        'Error: gone',
        '    at fail (file:///srv/shop/node_modules/glueful/dist/errors.js:36:10)',
        ...queries,
        '    at find (file:///srv/shop/models/car.ts:4:2)',
        '    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
        '    at async file:///srv/shop/routes/cars.ts:9:7',
      ].join('\n'),
    })
  }),
  teapot: route.get('/teapot', () => {
    throw new Teapot()
  }),
  user: route.get('/user', ({ user }) => user.id),
  many: route.post(
    '/many',
    { body: z.object({ a: z.string(), b: z.number(), c: z.object({ d: z.boolean() }) }), query: z.object({ page: z.coerce.number() }) },
    () => 1,
  ),
  wrong: route.get('/wrong', { response: z.object({ id: z.uuid() }) }, () => ({ id: 'no uuid' })),
}

test.each(doorNames)('an answer that HTTP cannot carry is an envelope where errors are, through the %s door', async (name) => {
  const bad = route.get('/bad', ({ setHeader }) => {
    setHeader('x-broken', 'line\nbreak')
    return 1
  })
  await using door = await openDoor(name, { routes: { bad }, errors: { format: 'envelope' } })
  const answer = await door.send('GET', '/bad')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'application/json; charset=utf-8'])
  expect(answer.json()).toMatchObject({ success: false, error: { code: 'INTERNAL_ERROR', request_id: answer.headers.get('x-request-id') } })
})

describe('a handler that is aborted', () => {
  const leave = async (handler: (signal: AbortSignal) => Promise<unknown>, options: { timeout?: string } = {}) => {
    const reported: unknown[] = []
    const started = Promise.withResolvers<void>()
    const wait = route.get('/wait', options as object, ({ signal }) => {
      started.resolve()
      return handler(signal)
    })
    await using door = await openDoor('socket', { routes: { wait }, reportError: (error) => void reported.push(error) })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n'))
    await started.promise
    if (options.timeout === undefined) socket.destroy()
    const requests = () => door.logs.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'request')
    await expect.poll(requests).toHaveLength(1)
    // What the handler throws after its time comes later than the answer.
    await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
    const errors = door.logs.filter((line) => line.includes('A request failed unexpectedly')).length
    return { status: requests()[0]?.['status'], metrics: (await door.send('GET', '/metrics')).text, reported, errors }
  }
  const untilAborted = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

  test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['the reason itself', (signal) => untilAborted(signal).then(() => signal.throwIfAborted())],
    ['what Node makes of it', (signal) => setTimeoutPromise(60_000, undefined, { signal })],
    [
      'an error of its own with it as the cause',
      (signal) => untilAborted(signal).then(() => Promise.reject(new Error('query cancelled', { cause: signal.reason }))),
    ],
  ])('because its client left, with %s, is no failure', async (_, handler) => {
    const { status, metrics, reported, errors } = await leave(handler)
    expect({ status, reported, errors }).toEqual({ status: 499, reported: [], errors: 0 })
    expect(metrics).toContain('glueful_http_requests_total{route="/wait",method="GET",status="499"} 1')
  })

  test('because its client left, but fails at something else, fails', async () => {
    const { status, reported } = await leave((signal) => untilAborted(signal).then(() => Promise.reject(new Error('disk full'))))
    expect([status, reported]).toEqual([500, [expect.objectContaining({ message: 'disk full' })]])
  })

  test('because its time is up is reported once, whatever it throws of it', async () => {
    const { status, reported, errors } = await leave((signal) => untilAborted(signal).then(() => signal.throwIfAborted()), { timeout: '20ms' })
    expect([status, reported.length, errors]).toEqual([504, 1, 1])
  })
})

describe.each(doorNames)('errors through the %s door', (name) => {
  const ask = async (path: string, definition: Partial<AppDefinition> = {}, overrides = {}) => {
    await using door = await openDoor(name, { routes, ...definition }, overrides)
    const answer = await door.send('GET', path)
    return { ...answer, logs: door.logs, body: answer.json() as unknown as Problem }
  }

  test('are problem documents', async () => {
    const { status, headers, body } = await ask('/missing')
    expect(status).toBe(404)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is no car 7.',
      code: 'CAR_NOT_FOUND',
      requestId: headers.get('x-request-id'),
    })
  })

  test('can have types of the API’s own', async () => {
    expect((await ask('/missing', { errors: { typeBase: 'https://api.example.com/errors/' } })).body.type).toBe('https://api.example.com/errors/car-not-found')
  })

  test('say how long to wait', async () => {
    const { status, headers } = await ask('/slow')
    expect([status, headers.get('retry-after')]).toEqual([429, '13'])
  })

  test.each([
    ['/nowhere', 404, 'NOT_FOUND'],
    ['/missing/%zz', 400, 'MALFORMED_PATH'],
    ['/taken', 409, 'CONFLICT'],
    ['/user', 401, 'UNAUTHENTICATED'],
    ['/teapot', 418, 'TEAPOT'],
  ])('%s is %i %s', async (path, status, code) => {
    const { body } = await ask(path)
    expect([body.status, body.code]).toEqual([status, code])
  })

  test('a method that is not answered names those that are', async () => {
    await using door = await openDoor(name, { routes: { ...routes, put: route.put('/missing', () => 1) } })
    const answer = await door.send('DELETE', '/missing')
    expect([answer.status, answer.headers.get('allow'), answer.json()['code']]).toEqual([405, 'GET, HEAD, OPTIONS, PUT', 'METHOD_NOT_ALLOWED'])
    const options = await door.send('OPTIONS', '/missing')
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, PUT'])
  })

  test('what is unexpected tells production nothing and the log all but secrets', async () => {
    const { status, text, logs } = await ask('/broken', {}, { environment: 'production' })
    expect(status).toBe(500)
    expect(text).not.toContain('secret detail')
    expect(JSON.parse(text)).toMatchObject({ code: 'INTERNAL_ERROR', detail: 'The request could not be completed.' })
    expect(text).not.toContain('stack')
    expect(logs.join('')).toContain('TypeError')
  })

  test('development shows what happened', async () => {
    const { body } = await ask('/broken', {}, { environment: 'development', env: { LOG_FORMAT: 'json' } })
    expect(body.debug?.name).toBe('TypeError')
    expect(body.debug?.stack?.[0]).toContain('errors.test.ts')
  })

  test('and where: the line that threw, and those of the application, which frames of packages do not crowd out', async () => {
    const { body } = await ask('/deep', {}, { environment: 'development', env: { LOG_FORMAT: 'json' } })
    expect(body.debug?.stack).toEqual([
      'at fail (file:///srv/shop/node_modules/glueful/dist/errors.js:36:10)',
      'at find (file:///srv/shop/models/car.ts:4:2)',
      'at async file:///srv/shop/routes/cars.ts:9:7',
    ])
  })

  test('the envelope of older clients replaces the document', async () => {
    const { body, headers } = await ask('/missing', { errors: { format: 'envelope' } })
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(body).toEqual({
      success: false,
      message: 'There is no car 7.',
      error: { code: 'CAR_NOT_FOUND', message: 'There is no car 7.', request_id: headers.get('x-request-id') },
    })
  })

  test('a function of the application’s own renders them, and a broken one falls back', async () => {
    const own = await ask('/missing', { errors: { format: ({ code, detail, requestId }) => ({ error_code: code, message: detail, request_id: requestId }) } })
    expect(own.body).toMatchObject({ error_code: 'CAR_NOT_FOUND', message: 'There is no car 7.' })
    const broken = await ask('/missing', {
      errors: {
        format: () => {
          throw new Error('x')
        },
      },
    })
    expect(broken.body.code).toBe('CAR_NOT_FOUND')
  })

  test('the reporter is told once, with the request, and may fail', async () => {
    const told: unknown[] = []
    await using door = await openDoor(name, {
      routes,
      reportError: (error, report) => {
        told.push([(error as Error).message, (report.raw() as Error).message, report.route, report.headers['authorization']])
        throw new Error('reporter down')
      },
    })
    expect((await door.send('GET', '/broken', { headers: { authorization: 'Bearer abc' } })).status).toBe(500)
    await door.send('GET', '/missing')
    expect(told).toEqual([['secret detail: password=[redacted]', 'secret detail: password=hunter2', 'broken', '[redacted]']])
    expect(door.logs.join('')).toContain('The error reporter failed')
  })

  test('an expected class is not reported', async () => {
    const told: unknown[] = []
    await ask('/broken', { errors: { dontReport: [TypeError] }, reportError: (error) => void told.push(error) })
    expect(told).toEqual([])
  })

  test('all faults of a request are listed at once, each with its path', async () => {
    await using door = await openDoor(name, { routes })
    const answer = await door.send('POST', '/many?page=x', { headers: { 'content-type': 'application/json' }, body: '{"a":1,"c":{"d":"no"}}' })
    expect(answer.status).toBe(422)
    const { code, errors } = answer.json() as unknown as Problem
    expect(code).toBe('VALIDATION_FAILED')
    expect(errors?.map((error) => [error.path.join('.'), error.code])).toEqual([
      ['query.page', 'invalid_type'],
      ['body.a', 'invalid_type'],
      ['body.b', 'invalid_type'],
      ['body.c.d', 'invalid_type'],
    ])
  })

  test('an answer that its schema refuses is INVALID_RESPONSE in tests, and reported but sent in production', async () => {
    expect((await ask('/wrong')).body).toMatchObject({ status: 500, code: 'INVALID_RESPONSE' })
    const production = await ask('/wrong', {}, { environment: 'production' })
    expect([production.status, production.text]).toEqual([200, '{"id":"no uuid"}'])
    expect(production.logs.join('')).toContain('INVALID_RESPONSE')
  })

  test.each(['test', 'production'] as const)('an answer is what its schema makes of it, in %s as elsewhere', async (environment) => {
    const response = z.object({ id: z.string(), price: z.number().transform(String), kind: z.string().default('car') })
    const row = { id: 'x', price: 1, passwordHash: 'secret' }
    await using door = await openDoor(
      name,
      { routes: { x: route.get('/x', { response }, () => row), raw: route.get('/raw', { response, checkResponse: 'sample' }, () => row) } },
      { environment },
    )
    expect((await door.send('GET', '/x')).json()).toEqual({ id: 'x', price: '1', kind: 'car' })
    expect((await door.send('GET', '/raw')).json()).toEqual(row)
  })
})

test('an application that is not ready says so with APP_NOT_READY', () => {
  const app = createApp({ name: 'x', routes: {} })
  expect(() => app.use({ kind: 'service', name: 'anything' })).toThrow(expect.objectContaining({ code: 'APP_NOT_READY' }))
})

test('a port that is taken, and an address that is another machine’s, is PORT_UNAVAILABLE', async () => {
  await using door = await openDoor('socket', { routes })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  await using second = await openDoor('fetch', { routes })
  await expect(second.app.listen({ port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'PORT_UNAVAILABLE' })
  const elsewhere = second.app.with({})
  await expect(elsewhere.listen({ port: 0, host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'PORT_UNAVAILABLE',
    detail: expect.stringContaining('EADDRNOTAVAIL'),
  })
  await elsewhere.close()
})
