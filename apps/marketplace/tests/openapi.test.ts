import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from '@glueful/database/testing'
import { testApp } from 'glueful/testing'
import { expect, onTestFinished, test } from 'vitest'
import app from '../app.ts'

interface Document {
  readonly webhooks: Record<string, { post: { summary: string; parameters: { name: string }[]; requestBody: object; responses: object } }>
}

test('the document tells dealers which webhooks they may get, and redocly finds nothing wrong with it', { timeout: 60_000 }, async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url, APP_URL: 'https://market.glueful.test' } })
  const text = await (await market.fetch('/openapi.json')).text()
  const { webhooks } = JSON.parse(text) as Document
  expect(Object.keys(webhooks)).toEqual(['car.created', 'car.sold', 'order.created', 'webhook.test'])
  expect(webhooks['car.sold']?.post).toMatchObject({
    summary: 'A car was ordered',
    parameters: [{ name: 'webhook-id' }, { name: 'webhook-timestamp' }, { name: 'webhook-signature' }],
    requestBody: {
      content: {
        'application/json': {
          schema: { properties: { type: { const: 'car.sold' }, data: { properties: { orderId: { type: 'string', format: 'uuid' } } } } },
        },
      },
    },
    responses: { '2XX': {}, '410': {}, default: {} },
  })

  const folder = mkdtempSync(join(tmpdir(), 'marketplace-openapi-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'openapi.json'), text)
  writeFileSync(join(folder, 'redocly.yaml'), 'extends: [recommended]\ntelemetry: off\n')
  const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json')
  const { stdout, stderr } = spawnSync(process.execPath, [join(manifest, '../bin/cli.js'), 'lint', 'openapi.json'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  expect(`${stdout}${stderr}`).toContain('Your API description is valid')
  expect(`${stdout}${stderr}`).not.toMatch(/warning/i)
})
