import { database } from '@glueful/database'
import { createApp } from 'glueful'
import { auditSecurity } from 'glueful/security'
import { expect, test } from 'vitest'
import { auth } from '../auth-extension.ts'
import { memoryUsers } from '../testing/some-users.fixture.ts'
import { authRoutes } from './auth-routes.ts'

test('the security check finds nothing in the ready-made routes, and their limits when they are taken away', async () => {
  const env = {
    APP_URL: 'https://api.example.com',
    APP_KEY: 'k3Zp9wQ1xY7vB2nM5tR8uE4sA6dF0gHjL1',
    DATABASE_URL: 'sqlite::memory:',
    FORCE_HTTPS: 'true',
    ALLOWED_HOSTS: 'api.example.com',
  }
  const audit = async (routes: ReturnType<typeof authRoutes>) => {
    const app = createApp({ name: 'shop', extensions: [database(), auth({ users: memoryUsers([]) })], routes: { ...routes }, reportError: () => undefined })
    const { findings } = await auditSecurity(app as never, { environment: 'production', env })
    return new Set(findings.filter(({ accepted, route }) => accepted === undefined && route !== undefined).map(({ id }) => id))
  }
  expect(await audit(authRoutes())).toEqual(new Set())
  expect(await audit(authRoutes({ credentialLimit: false }))).toContain('CREDENTIALS_WITHOUT_LIMIT')
})
