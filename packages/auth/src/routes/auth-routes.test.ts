import { describeDialects } from '@glueful/database/testing'
import { hash as bcryptHash } from 'bcryptjs'
import { Database, database, sql } from '@glueful/database'
import { AuditLog, createApp, provide, route, type AuditEntry } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { auth } from '../auth-extension.ts'
import { EmailVerificationRequested, LoginFailed, LoginLocked, LoginSucceeded, PasswordChanged, PasswordResetRequested, RefreshTokenReused } from '../events.ts'
import { Passwords } from '../passwords/passwords.ts'
import { authUnderTest, bearer } from '../testing/auth-under-test.fixture.ts'
import { memoryUsers, password, quickPasswords, someUsers } from '../testing/some-users.fixture.ts'
import { authRoutes } from './auth-routes.ts'

const next = 'another horse battery'

test('the client is typed from the routes', async () => {
  const users = memoryUsers(someUsers())
  const app = createApp({ name: 'shop', extensions: [database(), auth({ users })], routes: { ...authRoutes() } })
  await using tested = await testApp(app, { swaps: [{ token: Passwords, value: quickPasswords }] })
  const answer = await tested.client.auth.login({ body: { login: 'bob@example.com', password } })
  expectTypeOf(answer.body.accessToken).toEqualTypeOf<string>()
  expect(answer.status).toBe(200)
  const { body } = await tested.client.as({ id: '2', roles: ['seller'] }).auth.me()
  expect(body).toEqual({ id: '2', roles: ['seller'], scopes: [], strategy: 'given' })
})

test('passwords, tokens and links are limited by address, whatever they are for', async () => {
  const app = createApp({
    name: 'shop',
    extensions: [database(), auth({ users: memoryUsers([]) })],
    routes: { ...authRoutes({ credentialLimit: { attempts: 3, per: '1m', by: 'ip' } }) },
  })
  await using tested = await testApp(app)
  const verify = () => tested.client.auth.email.verify({ body: { token: 'x' } })
  expect([(await verify()).status, (await verify()).status, (await verify()).status, (await verify()).status]).toEqual([422, 422, 422, 429])
  expect((await tested.fetch('/.well-known/jwks.json')).status).toBe(200)
})

await describeDialects(describe, (target) => {
  const start = (options = {}) => authUnderTest(target, options)

  describe('a login for tokens', () => {
    test('answers an access and a refresh token, which no cache keeps, and is told to listeners', async () => {
      await using it = await start()
      const answer = await it.login()
      expect(answer.status).toBe(200)
      expect(answer.body).toEqual({
        accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        tokenType: 'Bearer',
        expiresIn: 900,
        refreshToken: expect.stringMatching(/^gfr_[\w-]{43}$/),
      })
      expect(answer.headers.get('cache-control')).toBe('no-store')
      const me = await it.send('GET', '/auth/me', bearer(answer.body['accessToken'] as string))
      expect(me.body).toEqual({ id: '2', roles: ['seller'], scopes: ['*'], strategy: 'jwt', plan: 'pro' })
      expect(it.test.emitted(LoginSucceeded)).toMatchObject([{ userId: '2', kind: 'token', ip: '192.0.2.1' }])
    })

    test.each([
      ['a wrong password', 'bob@example.com', 'wrong horse battery', 'password'],
      ['an unknown user', 'nobody@example.com', password, 'unknown'],
      ['a user who was switched off', 'eve@example.com', password, 'inactive'],
    ])('%s is answered like any other failure', async (_, login, secret, reason) => {
      await using it = await start()
      const answer = await it.login(login, secret)
      expect([answer.status, answer.body['code'], answer.body['detail']]).toEqual([401, 'LOGIN_REFUSED', 'Login and password do not match.'])
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      expect(it.test.emitted(LoginFailed)).toMatchObject([{ login, reason }])
    })

    test('a hash from elsewhere is replaced by one of today', async () => {
      await using it = await start()
      const bob = it.users[1] as { passwordHash: string | null }
      bob.passwordHash = await bcryptHash(password, 4)
      expect((await it.login()).status).toBe(200)
      expect(bob.passwordHash).toMatch(/^\$argon2id\$/)
      expect((await it.login()).status).toBe(200)
    })

    test.each([{}, { login: 'bob@example.com' }, { login: '', password }, { login: 'b', password: 'x'.repeat(1_025) }, { login: 'b', password, admin: true }])(
      'the body %j is a 422 and costs nothing',
      async (json) => {
        await using it = await start()
        expect((await it.send('POST', '/auth/login', { json })).status).toBe(422)
        expect(it.test.emitted(LoginFailed)).toEqual([])
      },
    )
  })

  describe('refreshing', () => {
    const refresh = (it: Awaited<ReturnType<typeof start>>, refreshToken: string) => it.send('POST', '/auth/refresh', { json: { refreshToken } })

    test('trades a refresh token for new tokens, again and again', async () => {
      await using it = await start()
      let { refreshToken } = await it.tokens()
      for (let n = 0; n < 3; n++) {
        it.test.clock.advance(60_000)
        const answer = await refresh(it, refreshToken)
        expect(answer.status).toBe(200)
        expect(answer.body['refreshToken']).not.toBe(refreshToken)
        expect((await it.send('GET', '/auth/me', bearer(answer.body['accessToken'] as string))).status).toBe(200)
        refreshToken = answer.body['refreshToken'] as string
      }
    })

    test('twenty requests that cross each other bring the same next token, and log nobody out', async () => {
      await using it = await start()
      const { refreshToken } = await it.tokens()
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(it, refreshToken)))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      const following = new Set(answers.map(({ body }) => body['refreshToken'] as string))
      expect(following.size).toBe(1)
      it.test.clock.advance(10_000)
      expect((await refresh(it, refreshToken)).body['refreshToken']).toBe([...following][0])
      expect((await refresh(it, [...following][0] as string)).status).toBe(200)
    })

    test('a token that was used before ends the session with all its tokens', async () => {
      await using it = await start()
      const first = await it.tokens()
      const second = (await refresh(it, first.refreshToken)).body as { accessToken: string; refreshToken: string }
      it.test.clock.advance(10_001)
      const reused = await refresh(it, first.refreshToken)
      expect([reused.status, reused.body['code']]).toEqual([401, 'REFRESH_REUSED'])
      expect(it.test.emitted(RefreshTokenReused)).toMatchObject([{ userId: '2' }])
      expect((await refresh(it, second.refreshToken)).body['code']).toBe('REFRESH_REFUSED')
      for (const { accessToken } of [first, second]) expect((await it.send('GET', '/auth/me', bearer(accessToken))).body['code']).toBe('TOKEN_REVOKED')
      const other = await it.tokens()
      expect((await it.send('GET', '/auth/me', bearer(other.accessToken))).status).toBe(200)
    })

    test('is refused with tokens that are unknown, expired, or of a user who was switched off', async () => {
      await using it = await start()
      for (const token of ['x', `gfr_${'a'.repeat(43)}`, "gfr_' or 1=1 --"]) expect((await refresh(it, token)).body['code']).toBe('REFRESH_REFUSED')
      const { refreshToken } = await it.tokens()
      it.test.clock.advance(7 * 86_400_000)
      expect((await refresh(it, refreshToken)).body['code']).toBe('REFRESH_REFUSED')
      const again = await it.tokens()
      Object.assign(it.users[1] ?? {}, { active: false })
      expect((await refresh(it, again.refreshToken)).body['code']).toBe('REFRESH_REFUSED')
      expect((await it.send('GET', '/auth/me', bearer(again.accessToken))).body['code']).toBe('TOKEN_REVOKED')
    })

    test('a session ends after its whole lifetime, however often it was refreshed', async () => {
      await using it = await start({ env: { SESSION_LIFETIME: '10d' } })
      let { refreshToken } = await it.tokens()
      it.test.clock.advance(6 * 86_400_000)
      refreshToken = (await refresh(it, refreshToken)).body['refreshToken'] as string
      it.test.clock.advance(4 * 86_400_000)
      expect((await refresh(it, refreshToken)).body['code']).toBe('REFRESH_REFUSED')
    })
  })

  test('logging out ends the session on the next request, and no other', async () => {
    await using it = await start()
    const [one, two] = [await it.tokens(), await it.tokens()]
    expect((await it.send('POST', '/auth/logout', bearer(one.accessToken))).status).toBe(204)
    expect((await it.send('GET', '/auth/me', bearer(one.accessToken))).body['code']).toBe('TOKEN_REVOKED')
    expect((await it.send('POST', '/auth/refresh', { json: { refreshToken: one.refreshToken } })).status).toBe(401)
    expect((await it.send('GET', '/auth/me', bearer(two.accessToken))).status).toBe(200)
  })

  test('sessions are listed by device and ended one by one, only one’s own', async () => {
    await using it = await start()
    const phone = await it.tokens()
    it.test.clock.advance(1_000)
    const laptop = await it.tokens()
    const stranger = await it.tokens('ada@example.com')
    const list = async (token: string) =>
      (await it.send('GET', '/auth/sessions', bearer(token))).body['items'] as { id: string; current: boolean; kind: string }[]
    const mine = await list(laptop.accessToken)
    expect(mine.map(({ current, kind }) => [current, kind])).toEqual([
      [true, 'token'],
      [false, 'token'],
    ])
    const phoneId = mine.find(({ current }) => !current)?.id as string
    expect((await it.send('DELETE', `/auth/sessions/${phoneId}`, bearer(stranger.accessToken))).body['code']).toBe('SESSION_UNKNOWN')
    expect((await it.send('DELETE', `/auth/sessions/${phoneId}`, bearer(laptop.accessToken))).status).toBe(204)
    expect((await it.send('GET', '/auth/me', bearer(phone.accessToken))).status).toBe(401)
    const third = await it.tokens()
    expect((await it.send('DELETE', '/auth/sessions', bearer(laptop.accessToken))).status).toBe(204)
    expect((await it.send('GET', '/auth/me', bearer(third.accessToken))).status).toBe(401)
    expect((await list(laptop.accessToken)).length).toBe(1)
    expect((await list(stranger.accessToken)).length).toBe(1)
  })

  describe('passwords', () => {
    test('are changed by whoever knows the old one, and all other sessions end', async () => {
      await using it = await start()
      const [one, two] = [await it.tokens(), await it.tokens()]
      const change = (current: string, wanted: string) => it.send('POST', '/auth/password', { json: { current, password: wanted }, ...bearer(one.accessToken) })
      expect((await change('wrong', next)).body['code']).toBe('LOGIN_REFUSED')
      const weak = await change(password, 'short')
      expect([weak.status, weak.body['code']]).toEqual([422, 'PASSWORD_REFUSED'])
      expect((await change(password, next)).status).toBe(204)
      expect((await it.send('GET', '/auth/me', bearer(one.accessToken))).status).toBe(200)
      expect((await it.send('GET', '/auth/me', bearer(two.accessToken))).status).toBe(401)
      expect((await it.login('bob@example.com', password)).status).toBe(401)
      expect((await it.login('bob@example.com', next)).status).toBe(200)
      expect(it.test.emitted(PasswordChanged)).toMatchObject([{ userId: '2', by: 'change' }])
    })

    test('are reset once by a link that is sent, which ends all sessions', async () => {
      await using it = await start()
      const before = await it.tokens()
      const asked = await it.send('POST', '/auth/password/forgot', { json: { login: 'bob@example.com' } })
      expect(asked.status).toBe(202)
      const { token, email } = await vi.waitFor(() => {
        const [request] = it.test.emitted(PasswordResetRequested)
        if (request === undefined) throw new Error('not yet')
        return request
      })
      expect(email).toBe('bob@example.com')
      const reset = (json: object) => it.send('POST', '/auth/password/reset', { json })
      expect((await reset({ token, password: 'short' })).body['code']).toBe('PASSWORD_REFUSED')
      expect((await reset({ token, password: next })).status).toBe(204)
      expect((await reset({ token, password: next })).body['code']).toBe('LINK_INVALID')
      expect((await it.send('GET', '/auth/me', bearer(before.accessToken))).status).toBe(401)
      expect((await it.login('bob@example.com', next)).status).toBe(200)
    })

    test('a link works for an hour, and not after a newer one was sent', async () => {
      await using it = await start()
      const ask = async (count: number) => {
        await it.send('POST', '/auth/password/forgot', { json: { login: 'bob@example.com' } })
        await vi.waitFor(() => expect(it.test.emitted(PasswordResetRequested).length).toBe(count))
        return it.test.emitted(PasswordResetRequested)[count - 1]?.token as string
      }
      const [first, second] = [await ask(1), await ask(2)]
      expect((await it.send('POST', '/auth/password/reset', { json: { token: first, password: next } })).body['code']).toBe('LINK_INVALID')
      it.test.clock.advance(3_600_000)
      expect((await it.send('POST', '/auth/password/reset', { json: { token: second, password: next } })).body['code']).toBe('LINK_INVALID')
    })

    test('whoever asks for a link learns nothing of users, and may not ask for ever', async () => {
      await using it = await start()
      const ask = (login: string) => it.send('POST', '/auth/password/forgot', { json: { login } })
      const statuses = []
      for (let n = 0; n < 6; n++) statuses.push((await ask('nobody@example.com')).status)
      expect(statuses).toEqual([202, 202, 202, 202, 202, 429])
      expect((await ask('eve@example.com')).status).toBe(202)
      expect(it.test.emitted(PasswordResetRequested)).toEqual([])
    })
  })

  test('an address is verified once by the link that was sent to it', async () => {
    await using it = await start()
    const { accessToken } = await it.tokens()
    expect((await it.send('POST', '/auth/email/resend', bearer(accessToken))).status).toBe(202)
    const [{ token, email } = { token: '', email: '' }] = it.test.emitted(EmailVerificationRequested)
    expect(email).toBe('bob@example.com')
    const verify = () => it.send('POST', '/auth/email/verify', { json: { token } })
    expect((await it.send('POST', '/auth/password/reset', { json: { token, password: next } })).body['code']).toBe('LINK_INVALID')
    expect((await verify()).status).toBe(204)
    expect(it.users[1]?.verified).toBe(true)
    expect((await verify()).body['code']).toBe('LINK_INVALID')
    Object.assign(it.users[1] ?? {}, { email: undefined })
    expect((await it.send('POST', '/auth/email/resend', bearer(accessToken))).body['code']).toBe('EMAIL_MISSING')
  })

  test('what matters is written to the audit log, without anything secret', async () => {
    const entries: AuditEntry[] = []
    const log = provide(AuditLog, () => ({ record: async (entry) => void entries.push(entry) }))
    await using it = await start({ services: [log], auth: { audit: false } })
    await it.login('bob@example.com', 'wrong horse battery')
    const { accessToken } = await it.tokens()
    await it.send('POST', '/auth/password', { json: { current: password, password: next }, ...bearer(accessToken) })
    await it.send('POST', '/auth/logout', bearer(accessToken))
    expect(entries.map(({ actor, action, result }) => [actor, action, result])).toEqual(
      expect.arrayContaining([
        [null, 'login.failed', 'failed'],
        ['2', 'login.succeeded', 'ok'],
        ['2', 'password.change', 'ok'],
        ['2', 'session.ended', 'ok'],
      ]),
    )
    for (const entry of entries.filter(({ action }) => !action.startsWith('token-key')))
      expect([entry.ip, typeof entry.requestId]).toEqual(['192.0.2.1', 'string'])
    const text = JSON.stringify(entries) + JSON.stringify(it.test.logs())
    for (const secret of [password, next, 'wrong horse battery', accessToken]) expect(text).not.toContain(secret)
  })

  test('a lock is told, and audited', async () => {
    await using it = await start()
    for (let n = 0; n < 6; n++) await it.login('bob@example.com', 'wrong horse battery')
    expect(it.test.emitted(LoginLocked)).toMatchObject([{ login: 'bob@example.com', locked: 'account' }])
  })

  test('the published keys verify tokens, may be cached, and hold nothing private', async () => {
    await using it = await start()
    const answer = await it.send('GET', '/.well-known/jwks.json')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    expect(answer.body['keys']).toEqual([
      { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), kid: expect.any(String), alg: 'ES256', use: 'sig' },
    ])
  })

  test('no route that is read by GET changes anything', async () => {
    await using it = await start()
    const { accessToken } = await it.tokens()
    const tables = ['keys', 'sessions', 'refresh_tokens', 'attempts', 'one_time_tokens', 'api_keys', 'audit']
    const all = () => Promise.all(tables.map((table) => it.test.app.use(Database).all(sql`select * from ${sql.id(`auth_${table}`)}`)))
    const paths = it.test.app.routes().filter(({ name, method }) => method === 'GET' && !name.startsWith('glueful.') && !name.startsWith('open'))
    expect(paths.length).toBeGreaterThanOrEqual(4)
    const before = [await all(), structuredClone(it.users)]
    for (const { path } of paths) {
      const { status } = await it.send('GET', path, { headers: { authorization: `Bearer ${accessToken}`, 'sec-fetch-site': 'cross-site' } })
      expect(status, path).toBe(path === '/auth/csrf' ? 401 : 200)
    }
    expect([await all(), it.users]).toEqual(before)
  })

  test('a request within a route of the application sees the same caller, and roles decide', async () => {
    const routes = { refund: route.post('/refund', { auth: 'jwt', can: 'orders.refund' }, ({ user }) => ({ by: user.id })) }
    await using it = await start({ routes, auth: { roles: { seller: ['orders.view'] } } })
    const [bob, ada] = [await it.tokens(), await it.tokens('ada@example.com')]
    expect((await it.send('POST', '/refund', bearer(bob.accessToken))).status).toBe(403)
    expect((await it.send('POST', '/refund', bearer(ada.accessToken))).body).toEqual({ by: '1' })
    expect((await it.send('POST', '/refund')).status).toBe(401)
  })
})
