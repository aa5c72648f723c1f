import { randomBytes } from 'node:crypto'
import { auditSecurity } from 'glueful/security'
import { expect, test } from 'vitest'
import app from '../app.ts'

const production = {
  APP_KEY: randomBytes(32).toString('base64'),
  APP_URL: 'https://market.example.com',
  FORCE_HTTPS: 'true',
  ALLOWED_HOSTS: 'market.example.com',
  PASSWORD_BREACHED_FILE: '/etc/market/breached.txt',
  DATABASE_URL: `postgres://market:${randomBytes(16).toString('hex')}@db.internal/market?sslmode=verify-full`,
}

test('an audit of the marketplace as in production finds nothing', async () => {
  const { findings } = await auditSecurity(app, { environment: 'production', env: production, directory: import.meta.dirname })
  expect(findings.filter(({ accepted }) => accepted === undefined).map(({ id, subject, reason }) => `${id} ${subject}: ${reason}`)).toEqual([])
})
