import { database, sql } from '@glueful/database'
import type { DialectUnderTest, TestDatabase } from '@glueful/database/testing'
import { createApp, route, type AppDefinition, type RouteTree } from 'glueful'
import { testApp, type TestApp } from 'glueful/testing'
import { afterAll } from 'vitest'
import { firstHash } from '../audit/audit-chain.ts'
import { auth, type AuthOptions } from '../auth-extension.ts'
import { Passwords } from '../passwords/passwords.ts'
import { authRoutes } from '../routes/auth-routes.ts'
import { memoryUsers, password, quickPasswords, someUsers, type StoredUser } from './some-users.fixture.ts'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

export interface AuthUnderTest extends AsyncDisposable {
  readonly test: TestApp<RouteTree>
  readonly users: readonly StoredUser[]
  /** Of its database. */
  readonly url: string
  /** A request, with JSON unless `headers` says otherwise. */
  send(
    method: string,
    path: string,
    options?: { readonly json?: unknown; readonly headers?: Readonly<Record<string, string>>; readonly from?: string },
  ): Promise<Answer>
  /** The answer to a login for tokens. */
  login(login?: string, password?: string, from?: string): Promise<Answer>
  /** Access and refresh token of a fresh login. */
  tokens(login?: string): Promise<{ accessToken: string; refreshToken: string }>
}

const bodyOf = (text: string) => (text === '' ? {} : (JSON.parse(text) as Record<string, unknown>))

export interface UnderTestOptions extends Partial<Pick<AppDefinition, 'routes' | 'services' | 'strategies' | 'listeners'>> {
  readonly auth?: Partial<AuthOptions>
  readonly env?: Readonly<Record<string, string>>
  readonly swaps?: readonly { readonly token: never; readonly value: unknown }[]
}

// Making a database takes longer than most tests: those of one file use one, and find it empty.
const databases = new Map<string, Promise<TestDatabase>>()
afterAll(async () => {
  for (const made of databases.values()) await (await made).close()
})
const tables = ['keys', 'sessions', 'refresh_tokens', 'attempts', 'api_keys', 'api_key_usage', 'one_time_tokens', 'audit']

async function emptyDatabase({ dialect, open }: DialectUnderTest): Promise<TestDatabase> {
  const known = databases.get(dialect)
  if (known === undefined) databases.set(dialect, open())
  else {
    const { db } = await known
    for (const table of tables) await db.run(sql`delete from ${sql.id(`auth_${table}`)}`)
    await db.run(sql`update auth_audit_ends set seq = ${0}, hash = ${firstHash}, seal = ${''}`)
  }
  return databases.get(dialect) as Promise<TestDatabase>
}

/** An application with authentication on an empty database. */
export async function authUnderTest(target: DialectUnderTest, options: UnderTestOptions = {}): Promise<AuthUnderTest> {
  const { auth: authOptions = {}, env = {}, routes = {}, ...definition } = options
  const users = someUsers()
  const db = await emptyDatabase(target)
  const open = route.get('/open', { auth: 'optional' }, ({ identity }) => ({ id: identity?.id ?? null }))
  const app = createApp({
    name: 'shop',
    ...definition,
    extensions: [database(), auth({ users: memoryUsers(users), ...authOptions })],
    routes: { ...authRoutes({ credentialLimit: false, limit: false }), open, ...routes },
  })
  const test = await testApp(app, { env: { DATABASE_URL: db.url, ...env }, swaps: [{ token: Passwords, value: quickPasswords }] })
  const send: AuthUnderTest['send'] = async (method, path, { json, headers = {}, from = '192.0.2.1' } = {}) => {
    const init = {
      method,
      headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    }
    const answer = await test.app.fetch(new Request(`http://localhost${path}`, init), { address: from })
    return { status: answer.status, headers: answer.headers, body: bodyOf(await answer.text()) }
  }
  const login: AuthUnderTest['login'] = (name = 'bob@example.com', secret = password, from = '192.0.2.1') =>
    send('POST', '/auth/login', { json: { login: name, password: secret }, from })
  return {
    test: test as unknown as TestApp<RouteTree>,
    users,
    url: db.url,
    send,
    login,
    tokens: async (name) => (await login(name)).body as { accessToken: string; refreshToken: string },
    [Symbol.asyncDispose]: () => test.close(),
  }
}

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
