// drain only, many jobs
import { rmSync } from 'node:fs'
import { testDatabase } from '@glueful/database/testing'
const [subject = '', amount = '20000', conc = '10'] = process.argv.slice(2)
const jobs = Number(amount)
const db = subject.includes('postgres') ? await testDatabase('postgres') : undefined
for (const e of ['', '-wal', '-shm']) rmSync(`/tmp/queue/one.sqlite${e}`, { force: true })
const { open } = await import(`./queue-peers/subjects/${subject}.ts`)
const s = await open({ postgres: db?.url ?? '', redis: process.env['ONE_REDIS'] ?? '', sqlite: '/tmp/queue/one.sqlite' })
let n = 0
for (let r = 0; r < 3; r++) {
  for (let at = 0; at < jobs; at += 1000) await s.enqueueMany(n + at, 1000)
  n += jobs
  let seen = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const c0 = process.cpuUsage(), t0 = performance.now()
  const stop = await s.work(Number(conc), () => { if (++seen === jobs) resolve() })
  await promise; await stop()
  const c = process.cpuUsage(c0)
  console.log(subject, 'own', ((c.user + c.system) / jobs).toFixed(1), 'wall', (((performance.now() - t0) * 1000) / jobs).toFixed(1))
}
await s.close(); await db?.close(); process.exit(0)
