import { database, Database, sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { createApp, created, NotFound, route } from 'glueful'
import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import { createMemoryDestination } from 'glueful/testing'
import { auth } from '../auth-extension.ts'
import { memoryUsers } from '../testing/some-users.fixture.ts'
import { authUnderTest, bearer, type AuthUnderTest } from '../testing/auth-under-test.fixture.ts'
import { auditRoutes } from './audit-routes.ts'
import { AuditTrail } from './audit-trail.ts'

const body = z.object({ price: z.number() })
const params = z.object({ id: z.coerce.number() })
const routes = {
  ...auditRoutes({ limit: false }),
  create: route.post('/cars', { auth: 'jwt', body, audit: 'car.created' }, async ({ body: { price }, use }) => {
    await use(Database).run(sql`insert into cars (id, price) values (${price}, ${price})`)
    return created({ id: price }, `/cars/${price}`)
  }),
  change: route.patch(
    '/cars/:id',
    {
      auth: 'jwt',
      params,
      body,
      idempotency: 'optional',
      audit: {
        action: 'car.changed',
        target: (ctx) => `car:${(ctx.params as { id: number }).id}`,
        before: async (ctx) => ctx.use(Database).first(sql`select price from cars where id = ${(ctx.params as { id: number }).id}`),
        after: (_, { body: answer }) => answer,
      },
    },
    async ({ params: { id }, body: { price }, use }) => {
      const { rowCount } = await use(Database).run(sql`update cars set price = ${price} where id = ${id}`)
      if (rowCount === 0) throw new NotFound('There is no such car.')
      if (price === 13) throw new RangeError('unlucky')
      return { price }
    },
  ),
  forbidden: route.delete('/cars/:id', { auth: 'jwt', can: 'cars.delete', audit: 'car.deleted' }, () => ({ ok: true })),
  reset: route.post('/links/:token', { audit: 'link.used' }, () => ({ ok: true })),
}

async function withCars(it: AuthUnderTest): Promise<Database> {
  const db = it.test.app.use(Database)
  await db.script('drop table if exists cars')
  await db.script('create table cars (id integer primary key, price integer not null)')
  return db
}

await describeDialects(describe, (target) => {
  test('a change is audited in its transaction: who, on what, before and after', async () => {
    await using it = await authUnderTest(target, { routes })
    const db = await withCars(it)
    const trail = it.test.app.use(AuditTrail)
    const bob = bearer((await it.tokens()).accessToken)
    expect((await it.send('POST', '/cars', { json: { price: 7 }, ...bob })).status).toBe(201)
    const headers = { ...bob.headers, 'idempotency-key': 'once' }
    for (let n = 0; n < 2; n++) expect((await it.send('PATCH', '/cars/7', { json: { price: 9 }, headers })).status).toBe(200)
    expect((await trail.search({ action: 'car.*' })).items).toMatchObject([
      {
        actor: '2',
        action: 'car.changed',
        target: 'car:7',
        before: '{"price":7}',
        after: '{"price":9}',
        result: 'ok',
        ip: '192.0.2.1',
        requestId: expect.any(String),
      },
      { actor: '2', action: 'car.created', target: '/cars/7', before: null, after: null, result: 'ok' },
    ])
    await db.run(sql`update auth_audit_ends set seq = ${1} where id = ${'head'}`)
    expect((await it.send('PATCH', '/cars/7', { json: { price: 11 }, ...bob })).status).toBe(500)
    expect((await it.send('POST', '/cars', { json: { price: 8 }, ...bob })).status).toBe(500)
    expect(await db.all(sql`select price from cars`)).toEqual([{ price: 9 }])
  })

  test('what failed has changed nothing, and is audited as failed; what was denied as denied', async () => {
    await using it = await authUnderTest(target, { routes })
    const db = await withCars(it)
    const trail = it.test.app.use(AuditTrail)
    const bob = bearer((await it.tokens()).accessToken)
    await db.run(sql`insert into cars (id, price) values (${7}, ${7})`)
    expect((await it.send('PATCH', '/cars/7', { json: { price: 13 }, ...bob })).status).toBe(500)
    expect((await it.send('PATCH', '/cars/7', { json: { price: 13 }, headers: { ...bob.headers, 'idempotency-key': 'k' } })).status).toBe(500)
    expect((await it.send('PATCH', '/cars/8', { json: { price: 1 }, headers: { ...bob.headers, 'idempotency-key': 'l' } })).status).toBe(404)
    expect((await it.send('DELETE', '/cars/7', bob)).status).toBe(403)
    expect((await it.send('DELETE', '/cars/7')).status).toBe(401)
    expect((await it.send('PATCH', '/cars/7', { json: { price: 'x' }, ...bob })).status).toBe(422)
    expect(await db.all(sql`select price from cars`)).toEqual([{ price: 7 }])
    expect((await trail.search({ action: 'car.*' })).items.map(({ action, result, target: on, after }) => [action, result, on, after])).toEqual([
      ['car.deleted', 'denied', '/cars/7', '{"status":403}'],
      ['car.changed', 'failed', 'car:8', '{"status":404}'],
      ['car.changed', 'failed', 'car:7', '{"status":500}'],
      ['car.changed', 'failed', 'car:7', '{"status":500}'],
    ])
    expect((await trail.verify()).broken).toBeUndefined()
  })

  test('a secret in the path is not in the log', async () => {
    await using it = await authUnderTest(target, { routes })
    expect((await it.send('POST', '/links/s3cr3t')).status).toBe(200)
    expect((await it.test.app.use(AuditTrail).search({ action: 'link.used' })).items).toMatchObject([{ actor: null, target: '/links/[redacted]' }])
  })

  test('GET /admin/audit is for those with audit.view', async () => {
    await using it = await authUnderTest(target, { routes })
    const bob = bearer((await it.tokens()).accessToken)
    const ada = bearer((await it.tokens('ada@example.com')).accessToken)
    expect((await it.send('GET', '/admin/audit')).status).toBe(401)
    expect((await it.send('GET', '/admin/audit', bob)).status).toBe(403)
    const answer = await it.send('GET', '/admin/audit?action=login.*&limit=1&result=ok', ada)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toMatchObject({ items: [{ actor: '1', action: 'login.succeeded', at: expect.stringMatching(/Z$/) }], next: expect.any(Number) })
    const older = await it.send('GET', `/admin/audit?action=login.*&result=ok&before=${answer.body['next'] as number}`, ada)
    expect(older.body).toMatchObject({ items: [{ actor: '2' }], next: null })
    expect((await it.send('GET', '/admin/audit?actor=1&from=yesterday', ada)).status).toBe(422)
    const request = (await it.login()).headers.get('x-request-id') as string
    const byRequest = await it.send('GET', `/admin/audit?requestId=${request}&ip=192.0.2.1`, ada)
    expect(byRequest.body).toMatchObject({ items: [{ actor: '2', action: 'login.succeeded', requestId: request }], next: null })
    expect((await it.send('GET', '/admin/audit?ip=192.0.2.2', ada)).body).toEqual({ items: [], next: null })
    expect((await it.send('GET', '/admin/audit?ip=nowhere', ada)).status).toBe(422)
  })
})

test.each(['', 'car created', {}, { action: 'x', target: 'car:1' }, { action: 'x', when: () => 1 }, 7])('audit: %o is refused at boot', (audit) => {
  const app = createApp({ name: 'shop', routes: { one: route.post('/one', { audit: audit as never }, () => 1) } })
  expect(() => app.routes()).toThrow(expect.objectContaining({ code: 'AUDIT_INVALID' }))
})

test('audit without an audit log is refused at boot', () => {
  const app = createApp({ name: 'shop', routes: { one: route.post('/one', { audit: 'one.done' }, () => 1) } })
  expect(() => app.routes()).toThrow(expect.objectContaining({ code: 'AUDIT_LOG_MISSING' }))
})

test('production does not start without APP_KEY, whose seal would prove nothing', async () => {
  const app = createApp({ name: 'shop', extensions: [database(), auth({ users: memoryUsers([]) })], routes: {} }).with({
    environment: 'production',
    env: { DATABASE_URL: 'sqlite::memory:', JWT_SECRET: 'k3Zp9wQ1xY7vB2nM5tR8uE4sA6dF0gHjL1' },
    logDestination: createMemoryDestination(),
  })
  await expect(app.ready()).rejects.toMatchObject({ code: 'APP_KEY_MISSING' })
})
