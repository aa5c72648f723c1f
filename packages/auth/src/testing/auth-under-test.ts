import { database } from '@glueful/database'
import type { DialectUnderTest } from '@glueful/database/testing'
import { createApp, route, type AppDefinition, type RouteTree } from 'glueful'
import { testApp, type TestApp } from 'glueful/testing'
import { auth, type AuthOptions } from '../auth-extension.ts'
import { createPasswords, Passwords } from '../passwords/passwords.ts'
import { authRoutes } from '../routes/auth-routes.ts'
import type { AuthUser, UserStore } from '../users/user-store.ts'

/** As quick as Argon2 allows, for tests that are not about its cost. */
export const quickPasswords = createPasswords({ cost: { memory: 64, passes: 1, parallelism: 1 } })
export const password = 'correct horse battery'

export interface StoredUser extends AuthUser {
  readonly login: string
  passwordHash: string | null
  roles: readonly string[]
  active: boolean
  verified: boolean
}

/** A store of users as an application might have one; records what it is told. */
export function memoryUsers(users: readonly StoredUser[]): UserStore & { readonly all: readonly StoredUser[] } {
  const find = (id: string) => users.find((user) => user.id === id)
  return {
    all: users,
    findByLogin: async (login) => users.find((user) => user.login === login.toLowerCase()),
    findById: async (id) => find(id),
    updatePasswordHash: async (id, hash) => void Object.assign(find(id) ?? {}, { passwordHash: hash }),
    markVerified: async (id) => void Object.assign(find(id) ?? {}, { verified: true }),
  }
}

const hash = await quickPasswords.hash(password)

export function someUsers(): StoredUser[] {
  const user = (id: string, name: string, more: Partial<StoredUser> = {}): StoredUser => ({
    id,
    login: `${name}@example.com`,
    email: `${name}@example.com`,
    passwordHash: hash,
    roles: [],
    active: true,
    verified: false,
    ...more,
  })
  return [user('1', 'ada', { roles: ['admin'] }), user('2', 'bob', { roles: ['seller'], plan: 'pro' }), user('3', 'eve', { active: false })]
}

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

/** An application with authentication on a database of its own. */
export async function authUnderTest(target: DialectUnderTest, options: UnderTestOptions = {}): Promise<AuthUnderTest> {
  const { auth: authOptions = {}, env = {}, routes = {}, ...definition } = options
  const users = someUsers()
  const db = await target.open()
  const open = route.get('/open', { auth: 'optional' }, ({ identity }) => ({ id: identity?.id ?? null }))
  const app = createApp({
    name: 'shop',
    ...definition,
    extensions: [database(), auth({ users: memoryUsers(users), ...authOptions })],
    routes: { ...authRoutes(), open, ...routes },
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
    async [Symbol.asyncDispose]() {
      await test.close()
      await db.close()
    },
  }
}

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
