import { database } from '@glueful/database'
import { createApp } from 'glueful'
import { testApp } from 'glueful/testing'
import { auth } from '../auth-extension.ts'
import { Passwords } from '../passwords/passwords.ts'
import { authRoutes } from '../routes/auth-routes.ts'
import { memoryUsers, quickPasswords, someUsers } from './some-users.fixture.ts'

// One of several processes of the lockout test: tries many wrong passwords at once when it is told to.
const [url = '', count = '1'] = process.argv.slice(2)
const app = createApp({
  name: 'shop',
  extensions: [database(), auth({ users: memoryUsers(someUsers()) })],
  routes: authRoutes({ credentialLimit: false, limit: false }),
})
const test = await testApp(app, { env: { DATABASE_URL: url }, swaps: [{ token: Passwords, value: quickPasswords }] })

async function attempt(): Promise<number> {
  const body = JSON.stringify({ login: 'bob@example.com', password: 'wrong horse battery' })
  const answer = await test.fetch('/auth/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return answer.status
}

process.once('message', async () => {
  process.send?.(await Promise.all(Array.from({ length: Number(count) }, attempt)))
})
process.send?.('ready')
