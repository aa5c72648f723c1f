import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testDatabase } from '@glueful/database/testing'
import { MetricsService } from 'glueful'
import { testApp } from 'glueful/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import app from '../../apps/marketplace/app.ts'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

const docs = join(import.meta.dirname, '../../docs')
const rulesFile = join(docs, 'alerts/prometheus-rules.yml')

/** A metric as one line: name, type, labels. */
function documented(): string[] {
  const rows = readFileSync(join(docs, 'metrics.md'), 'utf8').matchAll(/^\| `([a-z0-9_]+)` \| (\w+) \|([^|]*)\|([^|]*)\|([^|]*)\|/gm)
  return [...rows].map(([, name, type, labels = '', unit = '', meaning = '']) => {
    expect([unit.trim(), meaning.trim()], name).not.toContain('')
    return `${name} ${type} ${labels.trim()}`.trim()
  })
}

describe('over the marketplace, which has every package', () => {
  let scrape = ''
  let registry: string[] = []
  beforeAll(async () => {
    await using place = await testDatabase('sqlite')
    const env = { DATABASE_URL: place.url, REDIS_URL: redisUrl, CDN_PROVIDER: 'fastly', CDN_ZONE: 'z', CDN_TOKEN: 't' }
    await using market = await testApp(app, { env })
    const { url } = await market.app.listen({ port: 0, host: '127.0.0.1' })
    scrape = await (await fetch(`${url}/metrics`)).text()
    registry = market.app
      .use(MetricsService)
      .snapshot()
      .map(({ name, type, labels }) => `${name} ${type} ${labels.join(', ')}`.trim())
  })
  const scraped = () => [...scrape.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`)

  redisTest('docs/metrics.md has every metric that is scraped, with its type and labels, and no other', () => {
    expect(documented().toSorted()).toEqual(registry.toSorted())
    expect(scraped().toSorted()).toEqual(registry.map((line) => line.split(' ').slice(0, 2).join(' ')).toSorted())
  })

  redisTest('every metric and label that an alert rule asks for is there', () => {
    const rules = readFileSync(rulesFile, 'utf8')
    const known = new Map(registry.map((line) => [line.split(' ')[0] as string, line.split(' ').slice(2).join(' ').split(', ')]))
    const asked = [...rules.replaceAll(/^\s*(?:summary|runbook):.*$/gm, '').matchAll(/\b((?:glueful|dlq)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)]
    expect(asked.length).toBeGreaterThan(25)
    for (const [, name = '', matchers = ''] of asked) {
      const family = known.has(name) ? name : name.replace(/_(?:bucket|count|sum)$/, '')
      expect([...known.keys()], name).toContain(family)
      for (const [, label = ''] of matchers.matchAll(/(\w+)[=!]/g)) expect(known.get(family), `${label} of ${name}`).toContain(label)
    }
  })
})

test('each alert rule has a case in which it fires', () => {
  const names = (file: string, pattern: RegExp) => [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, name]) => name).toSorted()
  const declared = names(rulesFile, /- alert: (\w+)/g)
  expect(new Set(declared).size).toBe(declared.length)
  expect(names(rulesFile.replace('.yml', '.test.yml'), /alertname="(\w+)"/g)).toEqual(declared)
})

test.skipIf(spawnSync('promtool', ['--version']).error !== undefined && process.env['CI'] !== 'true')(
  'promtool accepts the alert rules, and they fire when they should (skipped where there is no promtool)',
  () => {
    for (const [what, file] of [
      ['check', rulesFile],
      ['test', rulesFile.replace('.yml', '.test.yml')],
    ] as const) {
      const { status, stdout, stderr } = spawnSync('promtool', [what, 'rules', file], { encoding: 'utf8' })
      expect(`${stdout}${stderr}`).toContain('SUCCESS')
      expect(status).toBe(0)
    }
  },
)
