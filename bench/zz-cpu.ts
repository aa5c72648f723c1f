import { readFileSync, rmSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { testDatabase } from '@glueful/database/testing'
const [subject = '', amount = '10000', rounds = '3'] = process.argv.slice(2)
const jobs = Number(amount)
const pg = ['glueful-postgres', 'pg-boss', 'graphile-worker'].includes(subject)
const db = pg ? await testDatabase('postgres') : undefined
for (const e of ['', '-wal', '-shm']) rmSync(`/tmp/queue/one.sqlite${e}`, { force: true })
const { open } = await import(`./queue-peers/subjects/${subject}.ts`)
const s = await open({ postgres: db?.url ?? '', redis: process.env['ONE_REDIS'] ?? '', sqlite: '/tmp/queue/one.sqlite' })
const dbName = db === undefined ? '' : new URL(db.url).pathname.slice(1)
const seen = new Map<string, number>()
function server(): number {
  if (!pg) { const pid = process.env['ONE_REDIS_PID']; if (!pid) return 0; const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) * 10_000 }
  const out = execFileSync('psql', ['-h', '127.0.0.1', '-U', 'root', '-d', 'postgres', '-Atc', `select pid from pg_stat_activity where datname='${dbName}'`], { encoding: 'utf8' })
  for (const pid of out.trim().split('\n').filter(Boolean)) { try { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); seen.set(pid, (Number(f[11]) + Number(f[12])) * 10_000) } catch {} }
  return [...seen.values()].reduce((a, b) => a + b, 0)
}
let next = 0
const rows: Record<string, number[]> = {}
async function phase(name: string, n: number, work: () => Promise<void>) {
  const s0 = server(), c0 = process.cpuUsage(), t0 = performance.now()
  await work()
  const t = performance.now() - t0, c = process.cpuUsage(c0), s1 = server()
  const put = (k: string, v: number) => (rows[k] ??= []).push(v)
  put(`${name} own`, (c.user + c.system) / n); put(`${name} server`, (s1 - s0) / n); put(`${name} wall`, (t * 1000) / n)
}
const drain = async (c: number, count: number) => {
  let seenN = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = await s.work(c, () => { if (++seenN === count) resolve() })
  await promise
  return stop
}
await s.enqueueMany(0, 200); (await drain(10, 200))().catch?.(() => {}); next += 200
await new Promise((r) => setTimeout(r, 300))
for (let r = 0; r < Number(rounds); r++) {
  const singles = Math.ceil(jobs / 20)
  await phase('single', singles, async () => { for (let i = 0; i < singles; i++) await s.enqueueOne(next++) })
  await (await drain(10, singles))()
  for (const c of [1, 10, 100]) {
    await phase('bulk', jobs, async () => { for (let at = 0; at < jobs; at += 1000) await s.enqueueMany(next + at, Math.min(1000, jobs - at)) })
    next += jobs
    let stop: any
    await phase(`p${c}`, jobs, async () => { stop = await drain(c, jobs); await stop() })
  }
}
const med = (l: number[]) => l.toSorted((a, b) => a - b)[Math.floor(l.length / 2)]!
console.log(subject, process.env['BENCH_METRICS'] ?? '', Object.entries(rows).map(([k, v]) => `${k} ${med(v).toFixed(1)}`).join(' | '))
await s.close(); await db?.close(); process.exit(0)
