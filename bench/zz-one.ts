import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { testDatabase } from '@glueful/database/testing'
const [name = '', jobs = '10000', ...flags] = process.argv.slice(2)
const subject = name.split('+')[0] as string
const db = ['glueful-postgres', 'pg-boss', 'graphile-worker'].includes(subject) ? await testDatabase('postgres') : undefined
rmSync('/tmp/queue/one.sqlite', { force: true }); rmSync('/tmp/queue/one.sqlite-wal', { force: true }); rmSync('/tmp/queue/one.sqlite-shm', { force: true })
const servers = { postgres: db?.url ?? '', redis: process.env['ONE_REDIS'] ?? '', sqlite: '/tmp/queue/one.sqlite' }
const r = spawnSync(process.execPath, [...flags, '--conditions=glueful-source', 'bench/queue-peers/run-subject.ts', subject, jobs], { env: { ...process.env, BENCH_SERVERS: JSON.stringify(servers), BENCH_METRICS: name.includes('+off') ? 'false' : 'true' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
const f = JSON.parse(r.stdout.trim().split('\n').at(-1) ?? '{}')
for (const k of Object.keys(f)) f[k] = Math.round(f[k] * 10) / 10
console.log(name, JSON.stringify(f))
await db?.close()
