import { describeDialects } from '@glueful/database/testing'
import { createApp, route } from 'glueful'
import { describe, expect, test } from 'vitest'
import { database } from '@glueful/database'
import { auth } from '../auth-extension.ts'
import { SessionEnded } from '../events.ts'
import { authUnderTest, type AuthUnderTest } from '../testing/auth-under-test.fixture.ts'
import { memoryUsers, password } from '../testing/some-users.fixture.ts'

const credentials = { login: 'bob@example.com', password }
const sameOrigin = { 'sec-fetch-site': 'same-origin' }

const routes = {
  read: route.get('/profile', { auth: 'session' }, ({ user }) => ({ id: user.id, by: user.strategy })),
  write: route.post('/profile', { auth: 'session' }, ({ user }) => ({ id: user.id })),
  either: route.post('/either', { auth: ['session', 'jwt'] }, ({ user }) => ({ id: user.id, by: user.strategy })),
}

/** Logs in for a cookie; resolves to the cookie, as a browser would send it back. */
async function logIn(it: AuthUnderTest, headers: Record<string, string> = {}, json = credentials) {
  const answer = await it.send('POST', '/auth/session', { json, headers })
  const [setCookie = ''] = answer.headers.getSetCookie()
  return { answer, setCookie, cookie: setCookie.split(';')[0] as string }
}

await describeDialects(
  describe,
  (target) => {
    const start = (env = {}) => authUnderTest(target, { routes, env })

    test('a login sets a cookie that scripts cannot read and other sites do not get, and that no cache keeps', async () => {
      await using it = await start({ SESSION_COOKIE_SECURE: 'true' })
      const { answer, setCookie, cookie } = await logIn(it)
      expect(setCookie).toMatch(/^__Host-session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect((await it.send('GET', '/profile', { headers: { cookie } })).body).toEqual({ id: '2', by: 'session' })
      expect(JSON.stringify(answer.body)).not.toContain(cookie.split('=')[1])
    })

    test('a login changes the id of the session: the one before ends', async () => {
      await using it = await start()
      const first = await logIn(it)
      const second = await logIn(it, { cookie: first.cookie })
      expect(second.cookie).not.toBe(first.cookie)
      expect((await it.send('GET', '/profile', { headers: { cookie: first.cookie } })).status).toBe(401)
      expect((await it.send('GET', '/profile', { headers: { cookie: second.cookie } })).status).toBe(200)
      expect(it.test.emitted(SessionEnded)).toMatchObject([{ reason: 'new login' }])
    })

    test('a session fixed by somebody else is not taken over', async () => {
      await using it = await start()
      const planted = `session=${'a'.repeat(43)}`
      const { cookie } = await logIn(it, { cookie: planted })
      expect(cookie).not.toBe(planted)
      expect((await it.send('GET', '/profile', { headers: { cookie: planted } })).status).toBe(401)
    })

    test('ends when it is idle, and after its whole lifetime', async () => {
      await using it = await start({ SESSION_IDLE_TIMEOUT: '1h', SESSION_LIFETIME: '3h' })
      const { cookie } = await logIn(it)
      const ask = () => it.send('GET', '/profile', { headers: { cookie } })
      for (let n = 0; n < 3; n++) {
        it.test.clock.advance(59 * 60_000)
        expect((await ask()).status).toBe(200)
      }
      it.test.clock.advance(4 * 60_000)
      expect((await ask()).status).toBe(401)
      const idle = await logIn(it)
      it.test.clock.advance(3_600_000)
      const gone = await it.send('GET', '/profile', { headers: { cookie: idle.cookie } })
      expect(gone.status).toBe(401)
      expect(gone.headers.getSetCookie()).toEqual(['session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'])
    })

    test('logging out ends it and takes the cookie away; logging out elsewhere ends it as well', async () => {
      await using it = await start()
      const one = await logIn(it)
      const two = await logIn(it)
      const out = await it.send('POST', '/auth/logout', { headers: { cookie: one.cookie, ...sameOrigin } })
      expect([out.status, out.headers.getSetCookie()[0]]).toEqual([204, 'session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'])
      expect(out.headers.get('clear-site-data')).toBe('"cache", "storage"')
      expect((await it.send('GET', '/profile', { headers: { cookie: one.cookie } })).status).toBe(401)
      const list = await it.send('GET', '/auth/sessions', { headers: { cookie: two.cookie } })
      const { accessToken } = await it.tokens()
      const [{ id }] = list.body['items'] as [{ id: string }]
      expect((await it.send('DELETE', `/auth/sessions/${id}`, { headers: { authorization: `Bearer ${accessToken}` } })).status).toBe(204)
      expect((await it.send('GET', '/profile', { headers: { cookie: two.cookie } })).status).toBe(401)
    })

    test('a user who was switched off is out on the next request', async () => {
      await using it = await start()
      const { cookie } = await logIn(it)
      Object.assign(it.users[1] ?? {}, { active: false })
      expect((await it.send('GET', '/profile', { headers: { cookie } })).status).toBe(401)
    })

    test('nothing that is stored opens a session', async () => {
      await using it = await start()
      const { cookie } = await logIn(it)
      const { Database, sql } = await import('@glueful/database')
      const rows = await it.test.app.use(Database).all(sql`select * from auth_sessions`)
      expect(rows.length).toBe(1)
      expect(JSON.stringify(rows)).not.toContain(cookie.split('=')[1])
      const { secret } = rows[0] as { secret: string }
      expect((await it.send('GET', '/profile', { headers: { cookie: `session=${secret}` } })).status).toBe(401)
    })
  },
  ['sqlite', 'postgres'],
)

await describeDialects(
  describe,
  (target) => {
    describe('a request that a page of another origin makes', () => {
      const refused: [string, Record<string, string>][] = [
        ['cross-site by Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
        ['same-site by Sec-Fetch-Site', { 'sec-fetch-site': 'same-site', origin: 'http://other.localhost' }],
        ['cross-site without Origin', { 'sec-fetch-site': 'cross-site' }],
        ['another Origin', { origin: 'https://evil.example' }],
        ['the Origin null', { origin: 'null' }],
        ['an Origin that only begins like the own', { origin: 'http://localhost.evil.example' }],
        ['the own host on another port', { origin: 'http://localhost:81' }],
        ['neither, and no token', {}],
        ['a name and password in the address', { authorization: 'Basic eDp5', origin: 'https://evil.example' }],
        ['neither, and a wrong token', { 'x-csrf-token': 'a'.repeat(43) }],
        ['a right token and another Origin', { origin: 'https://evil.example', 'x-csrf-token': 'RIGHT' }],
      ]
      const allowed: [string, Record<string, string>][] = [
        ['same-origin by Sec-Fetch-Site', sameOrigin],
        ['typed by the user', { 'sec-fetch-site': 'none' }],
        ['the own Origin', { origin: 'http://localhost' }],
        ['an Origin that CORS allows', { origin: 'https://shop.example.com', 'sec-fetch-site': 'cross-site' }],
        ['an Origin that is trusted', { origin: 'https://admin.example.com' }],
        ['a token of an older client', { 'x-csrf-token': 'RIGHT' }],
      ]
      const env = { CORS_ALLOW_ORIGINS: 'https://shop.example.com', CSRF_TRUSTED_ORIGINS: 'https://admin.example.com' }

      test.each([...refused.map((one) => [...one, 403] as const), ...allowed.map((one) => [...one, 200] as const)])('%s', async (_, given, status) => {
        await using it = await authUnderTest(target, { routes, env })
        const { cookie, answer } = await logIn(it)
        const headers = Object.fromEntries(
          Object.entries(given).map(([name, value]) => [name, value === 'RIGHT' ? (answer.body['csrfToken'] as string) : value]),
        )
        const written = await it.send('POST', '/profile', { headers: { cookie, ...headers } })
        expect([written.status, written.body['code']]).toEqual([status, status === 403 ? 'CSRF_REFUSED' : undefined])
        expect((await it.send('GET', '/profile', { headers: { cookie, ...headers } })).status).toBe(200)
      })

      test('cannot log its visitor into another account', async () => {
        await using it = await authUnderTest(target, { routes })
        expect((await logIn(it, { origin: 'https://evil.example' })).answer.body['code']).toBe('CSRF_REFUSED')
        expect((await logIn(it, sameOrigin)).answer.status).toBe(200)
      })

      test('a token belongs to its session', async () => {
        await using it = await authUnderTest(target, { routes })
        const [one, two] = [await logIn(it), await logIn(it)]
        const token = (await it.send('GET', '/auth/csrf', { headers: { cookie: one.cookie } })).body['csrfToken'] as string
        expect(token).toBe(one.answer.body['csrfToken'])
        expect((await it.send('POST', '/profile', { headers: { cookie: two.cookie, 'x-csrf-token': token } })).status).toBe(403)
      })

      test('a bearer token needs no check; with a cookie of somebody else it is refused', async () => {
        await using it = await authUnderTest(target, { routes })
        const { cookie } = await logIn(it)
        const bob = await it.tokens()
        const ada = await it.tokens('ada@example.com')
        const ask = (token: string, cookies = cookie) => it.send('POST', '/either', { headers: { cookie: cookies, authorization: `Bearer ${token}` } })
        expect((await ask(bob.accessToken)).body).toEqual({ id: '2', by: 'session' })
        expect((await ask(ada.accessToken)).body['code']).toBe('CREDENTIALS_CONFLICT')
        expect((await ask(ada.accessToken, `session=${'b'.repeat(43)}`)).body).toEqual({ id: '1', by: 'jwt' })
      })
    })
  },
  ['sqlite'],
)

describe('a cookie that would not be safe refuses to start', () => {
  const appOf = (audit: boolean) => createApp({ name: 'shop', extensions: [database(), auth({ users: memoryUsers([]), audit })], routes: {} })
  const start = (env: Record<string, string>, environment: 'production' | 'test', audit = true) =>
    appOf(audit)
      .with({ environment, env: { DATABASE_URL: 'sqlite::memory:', APP_KEY: 'k'.repeat(32), ...env } })
      .routes()

  test('without Secure in production', () => {
    expect(() => start({ SESSION_COOKIE_SECURE: 'false' }, 'production')).toThrow(/SESSION_COOKIE_UNSAFE/)
    expect(start({}, 'production').length).toBeGreaterThan(0)
  })
  test('and so does production without a key to encrypt private keys with', () => {
    expect(() => start({ APP_KEY: '' }, 'production', false)).toThrow(/APP_KEY is not set, and the key for token keys/)
    expect(start({ APP_KEY: '', JWT_SECRET: 'x'.repeat(32) }, 'production', false).length).toBeGreaterThan(0)
  })
  test('with SameSite=None without Secure', () => {
    expect(() => start({ SESSION_COOKIE_SAMESITE: 'none' }, 'test')).toThrow(/SESSION_COOKIE_UNSAFE/)
  })
})
