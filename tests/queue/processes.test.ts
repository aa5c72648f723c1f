import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sql } from '@glueful/database'
import { expect, test } from 'vitest'
import { Database } from '@glueful/database'
import { QueueService } from '../../packages/queue/src/queue/queue-parts.ts'
import app, { Alone, Flaky, Note, Poison, Pooled } from './app/app.ts'
import { newJob } from './engine-suite/open-engine.ts'
import { until } from './open-app.ts'

const cli = resolve('packages/cli/bin/glueful.js')

/** The application of ./app in processes of its own and in this one, on the same file. */
async function openProcesses(more: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-processes-'))
  const effects = join(folder, 'effects')
  writeFileSync(effects, '')
  const env = { DATABASE_URL: `sqlite:${join(folder, 'app.sqlite')}`, EFFECTS: effects, QUEUE_LEASE: '2s', LOG_LEVEL: 'info', APP_ENV: 'test' }
  const here = app.with({ environment: 'test', env: { ...env, LOG_LEVEL: 'fatal' } })
  await here.ready()
  const children: ChildProcess[] = []
  const output: string[] = []
  return {
    parts: here.use(QueueService),
    db: here.use(Database),
    effects: () => readFileSync(effects, 'utf8').split('\n').filter(Boolean),
    output: () => output.join(''),
    /** Where metrics and health are served. */
    operatedAt: () => until(() => /"url":"([^"]+)","msg":"Metrics and health are served"/.exec(output.join(''))?.[1]),
    run: (...args: string[]) => {
      const child = spawn(process.execPath, ['--conditions=glueful-source', cli, ...args, `--app=${resolve('tests/queue/app/app.ts')}`], {
        env: { PATH: process.env['PATH'], ...env, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text))
      children.push(child)
      return { child, exited: new Promise<number | null>((done) => void child.once('exit', (code) => done(code))) }
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
      await here.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

test('glueful queue sandbox runs a dead letter once more from the command line', async () => {
  await using open = await openProcesses()
  await open.parts.engine.enqueue([newJob(Date.now(), { job: 'note', payload: '{"text":7}' })])
  const worker = open.parts.createWorker()
  await worker.start()
  const letter = await until(async () => (await open.parts.queue.deadLetters.list())[0])
  await worker.stop(1_000)
  const { id } = letter
  expect(await open.run('queue', 'sandbox', id).exited).toBe(1)
  expect(open.output()).toContain('note failed, for the same cause as before')
  expect(await open.run('queue', 'sandbox', id, '--payload={"text":"fixed"}', '--timeout=5s').exited).toBe(0)
  expect(open.output()).toMatch(/note completed after [\d.]+ ms\. Nothing is kept\./)
  expect(await open.parts.queue.deadLetters.find(id)).toEqual(letter)
})

test('glueful queue work runs jobs until SIGTERM, and lets what runs finish', async () => {
  await using open = await openProcesses()
  const { child, exited } = open.run('queue', 'work', '--queue=critical,default', '--concurrency=2')
  await Note.dispatchMany([{ text: 'a' }, { text: 'b' }])
  await until(() => open.effects().filter((line) => line.startsWith('end')).length === 2)
  await Note.dispatch({ text: 'slow', ms: 500 })
  await until(() => open.effects().some((line) => line.startsWith('begin slow')))
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  expect(open.effects().at(-1)).toMatch(/^end slow/)
  expect(await open.parts.engine.depths()).toEqual([])
  expect(await open.parts.engine.workers()).toEqual([])
}, 60_000)

test('the jobs of a worker that is killed are taken up by another within 15 seconds of the default lease', async () => {
  await using open = await openProcesses()
  const first = open.run('queue', 'work', '--concurrency=5')
  await Note.dispatchMany(Array.from({ length: 5 }, (_, index) => ({ text: `job${index}`, ms: index === 0 ? 60_000 : 300 })))
  await until(() => open.effects().filter((line) => line.startsWith('begin')).length === 5)
  first.child.kill('SIGKILL')
  const killed = Date.now()
  await open.db.run(sql`update glueful_jobs set payload = replace(payload, '60000', '0')`)
  open.run('queue', 'work', '--concurrency=5')
  await until(
    () =>
      new Set(
        open
          .effects()
          .filter((line) => line.startsWith('end'))
          .map((line) => line.split(' ')[1]),
      ).size === 5,
  )
  // The lease of this test is 2 s instead of 10 s; starting the other worker is counted as well.
  expect(Date.now() - killed).toBeLessThan(15_000)
}, 60_000)

test('worker processes are supervised: one that is killed is replaced, one that has done its share too', async () => {
  await using open = await openProcesses()
  const { child, exited } = open.run('queue', 'work', '--min=2', '--max=2', '--max-jobs=20')
  await until(
    () => open.parts.engine.workers(),
    (workers) => workers.length === 2,
  )
  await Poison.dispatch()
  await Note.dispatchMany(Array.from({ length: 100 }, (_, index) => ({ text: `n${index}` })))
  await until(
    () =>
      new Set(
        open
          .effects()
          .filter((line) => line.startsWith('end'))
          .map((line) => line.split(' ')[1]),
      ).size === 100,
  )
  const [letter] = await until(
    () => open.db.all<{ job: string; failures: string }>(sql`select job, failures from glueful_dead_letters`),
    (list) => list.length > 0,
  )
  expect(letter?.job).toBe('poison')
  expect(JSON.parse(letter?.failures ?? '')).toMatchObject([
    { kind: 'crash', attempt: 1 },
    { kind: 'crash', attempt: 2 },
  ])
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  expect(open.output()).toContain('A worker process crashed; another takes its place')
}, 60_000)

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a worker process whose supervisor is killed lets what runs finish, and ends', async () => {
  await using open = await openProcesses()
  const { child, exited } = open.run('queue', 'work', '--max=2')
  // Longer than the time between two reports to the supervisor.
  await Note.dispatch({ text: 'slow', ms: 2_500 })
  const begun = await until(() => open.effects().find((line) => line.startsWith('begin slow')))
  const pid = Number(begun.split(' ')[2])
  child.kill('SIGKILL')
  await exited
  await until(() => !isAlive(pid))
  expect(open.effects()).toEqual([begun, `end slow ${pid}`])
  expect(await open.parts.engine.list({})).toEqual([])
}, 60_000)

const get = async (url: string) => {
  const answer = await fetch(url)
  return { status: answer.status, text: await answer.text() }
}
const attemptsIn = (text: string) => Number(/^glueful_queue_attempts_total\{job="note",queue="default",outcome="completed"\} (\d+)$/m.exec(text)?.[1] ?? 0)

test('a worker answers metrics and health on its port, and nothing else', async () => {
  await using open = await openProcesses()
  const { child, exited } = open.run('queue', 'work', '--metrics-port=0')
  const url = await open.operatedAt()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await Note.dispatchMany([{ text: 'a' }, { text: 'b' }, { text: 'c' }])
  const metrics = await until(
    () => get(`${url}/metrics`),
    ({ text }) => attemptsIn(text) === 3,
  )
  expect(metrics.text).toMatch(/^glueful_process_resident_memory_bytes \d+/m)
  for (const path of ['/health/live', '/health/ready', '/health/startup', '/healthz', '/ready', '/health/detailed']) {
    expect([path, (await get(`${url}${path}`)).status]).toEqual([path, 200])
  }
  for (const path of ['/', '/docs', '/openapi.json', '/nothing']) expect([path, (await get(`${url}${path}`)).status]).toEqual([path, 404])
  const second = open.run('queue', 'work', `--metrics-port=${new URL(url).port}`)
  expect(await second.exited).toBe(1)
  expect(open.output()).toMatch(/Cannot listen on 127\.0\.0\.1:\d+/)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  await expect(fetch(`${url}/health/live`)).rejects.toThrow()
}, 60_000)

test('the port of a worker is kept as that of the application is, and the settings may open it', async () => {
  await using open = await openProcesses({
    QUEUE_METRICS_PORT: '0',
    QUEUE_METRICS_HOST: '127.0.0.2',
    METRICS_IP_ALLOWLIST: '10.0.0.0/8',
    HEALTH_IP_ALLOWLIST: '10.0.0.0/8',
  })
  open.run('queue', 'work')
  const url = await open.operatedAt()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/)
  const status = async (path: string) => (await get(`${url}${path}`)).status
  expect(await Promise.all(['/metrics', '/health/ready', '/health/detailed', '/health/live'].map(status))).toEqual([403, 403, 403, 200])
}, 60_000)

test('supervised worker processes have one port, which has the sum of all, those that were replaced included', async () => {
  await using open = await openProcesses()
  const { child, exited } = open.run('queue', 'work', '--min=2', '--max=2', '--max-jobs=20', '--metrics-port=0')
  const url = await open.operatedAt()
  await Note.dispatchMany(Array.from({ length: 100 }, (_, index) => ({ text: `n${index}` })))
  await until(
    () => get(`${url}/metrics`),
    ({ text }) => attemptsIn(text) === 100,
  )
  expect((await get(`${url}/health/ready`)).status).toBe(200)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
}, 60_000)

test('worker processes together run no more jobs of a queue at once than it may, and all of them in the end', async () => {
  await using open = await openProcesses()
  await Pooled.dispatchMany(Array.from({ length: 40 }, (_, index) => ({ ms: index % 20 })))
  const workers = [0, 1, 2].map(() => open.run('queue', 'work', '--queue=pool', '--stop-when-empty', '--concurrency=8'))
  expect(await Promise.all(workers.map(({ exited }) => exited))).toEqual([0, 0, 0])
  let running = 0
  const seen = open.effects().map((line) => (running += line === 'begin' ? 1 : -1))
  expect(Math.max(...seen)).toBe(2)
  expect(seen).toHaveLength(80)
}, 60_000)

test('jobs that must not overlap do not in several worker processes either', async () => {
  await using open = await openProcesses()
  for (let count = 0; count < 3; count++) open.run('queue', 'work', '--concurrency=4')
  await until(
    () => open.parts.engine.workers(),
    (workers) => workers.length === 3,
  )
  await Alone.dispatchMany(Array.from({ length: 20 }, () => ({ ms: 30 })))
  await until(() => open.effects().length === 40)
  let running = 0
  expect(Math.max(...open.effects().map((line) => (running += line === 'begin' ? 1 : -1)))).toBe(1)
  expect(await open.db.all(sql`select id from glueful_dead_letters`)).toEqual([])
}, 60_000)

test('failures in one worker process hold jobs back in another', async () => {
  await using open = await openProcesses()
  const run = () => open.run('queue', 'work', '--stop-when-empty').exited
  await Flaky.dispatchMany([undefined, undefined])
  expect(await run()).toBe(0)
  const { id } = await Flaky.dispatch()
  expect(await run()).toBe(0)
  expect(open.effects()).toEqual(['flaky', 'flaky'])
  expect(await open.parts.engine.find(id)).toMatchObject({ state: 'delayed', attempts: 0 })
}, 60_000)

test('queues are paused, resumed and shown from the command line', async () => {
  await using open = await openProcesses()
  await Note.dispatch({ text: 'a' })
  expect(await open.run('queue', 'pause', 'default').exited).toBe(0)
  expect(await open.run('queue', 'status').exited).toBe(0)
  expect(open.output()).toMatch(/default {2}paused {2}waiting 1 {2}oldest \d+ s/)
  expect(await open.run('queue', 'work', '--stop-when-empty').exited).toBe(0)
  expect(open.effects()).toEqual([])
  expect(await open.run('queue:resume', 'default').exited).toBe(0)
  expect(await open.run('queue', 'work', '--stop-when-empty').exited).toBe(0)
  expect(open.effects()).toHaveLength(2)
  expect(await open.run('queue', 'status', '--json').exited).toBe(0)
  expect(open.output()).toMatch(/"queue": "default",\s+"states": \{\},\s+"paused": false/)
}, 60_000)

test.for([
  ['--concurency=2', 2, /has no option '--concurency'.*Did you mean '--concurrency'/],
  ['--concurrency=no', 1, /concurrency is "no"; expected a whole number from 1 to 10000/],
  ['--queue', 2, /--queue is ""; expected a value, --queue=QUEUES/],
] as const)('a wrong option is refused: %s', async ([option, code, message]) => {
  await using open = await openProcesses()
  expect(await open.run('queue', 'work', option).exited).toBe(code)
  expect(open.output()).toMatch(message)
})

test('glueful serve --worker runs jobs beside HTTP', async () => {
  await using open = await openProcesses()
  const { child, exited } = open.run('serve', '--port=0', '--worker')
  await Note.dispatch({ text: 'served' })
  await until(() => open.effects().length === 2)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  expect(await open.parts.engine.workers()).toEqual([])
})
