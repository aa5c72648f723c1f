import { expect, test } from 'vitest'
import { createApp } from '../../app.ts'
import { NotFound } from '../../foundation/errors/http-errors.ts'
import { createMemoryDestination } from '../../foundation/logging/line-writer.ts'
import { route } from '../../http/context/route.ts'
import type { ErrorReport, ErrorReporter } from './error-reporter.ts'

async function ask(path: string, reportError: ErrorReporter): Promise<{ status: number; logs: () => string }> {
  const destination = createMemoryDestination()
  const routes = {
    cars: {
      broken: route.get('/cars/:id', () => {
        throw new TypeError('connection lost')
      }),
    },
    missing: route.get('/missing', () => {
      throw new NotFound('No such car.')
    }),
  }
  const app = createApp({ name: 'test', routes, reportError }).with({ environment: 'test', env: {}, logDestination: destination })
  const headers = { authorization: 'Bearer hunter2', cookie: 'session=hunter2', 'x-request-id': 'request-17', accept: 'text/plain' }
  const response = await app.fetch(new Request(`http://localhost${path}?token=hunter2`, { headers }), {
    identity: { id: 'user-1', roles: [], scopes: [], strategy: 'test' },
  })
  await app.close()
  return { status: response.status, logs: () => destination.lines.join('') }
}

test('an unexpected error is told once, with its request and without secrets', async () => {
  const told: [unknown, ErrorReport][] = []
  const { status, logs } = await ask('/cars/7', (error, report) => void told.push([error, report]))
  expect(status).toBe(500)
  expect(told).toHaveLength(1)
  const [error, report] = told[0] as [Error, ErrorReport]
  expect(error.message).toBe('connection lost')
  expect(report).toMatchObject({ requestId: 'request-17', route: 'cars.broken', method: 'GET', path: '/cars/7', userId: 'user-1' })
  expect(report.headers['accept']).toBe('text/plain')
  expect(JSON.stringify(report)).not.toContain('hunter2')
  expect(logs()).toContain('A request failed unexpectedly')
})

test('an error that the client is told of is no report', async () => {
  const told: unknown[] = []
  const { status } = await ask('/missing', (error) => void told.push(error))
  expect([status, told]).toEqual([404, []])
})

test.each<[string, ErrorReporter]>([
  [
    'throws',
    () => {
      throw new TypeError('no such project')
    },
  ],
  ['rejects', () => Promise.reject(new TypeError('no such project'))],
])('a reporter that %s changes no answer and is logged', async (_, reporter) => {
  const { status, logs } = await ask('/cars/7', reporter)
  expect(status).toBe(500)
  await expect.poll(logs).toContain('The error reporter failed')
})
