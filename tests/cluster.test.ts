import { fork, spawn, type ChildProcess } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../packages/cli/bin/glueful.js', import.meta.url))
const folder = fileURLToPath(new URL('./cluster-app/', import.meta.url))
/** How many workers are told to end under load, one after the other. */
const terminations = Number(process.env['CLUSTER_SIGTERMS'] ?? 4)
const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

async function serve(
  workers: number,
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; port: number; output: () => string; exit: Promise<number | null> }> {
  const port = await freePort()
  const child = spawn(process.execPath, [bin, 'serve', `--port=${port}`, '--host=127.0.0.1', `--workers=${workers}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await expect.poll(() => (child.exitCode === null ? ask(port).catch(() => 0) : output)).toBe(200)
  return { child, port, output: () => output, exit }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function ask(port: number, path = '/health/live', agent: Agent | false = false): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent }, (res) => {
      res.resume()
      res.on('end', () => resolve(res.statusCode ?? 0))
      res.on('error', reject)
    }).on('error', reject)
  })
}

async function textOf(port: number, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text()
}

/** Keeps asking over keep-alive connections; a reused connection that closes under a request counts as lost. */
function load(port: number, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let stopped = false
  let answered = 0
  const lost: string[] = []
  const clients = Array.from({ length: connections }, async () => {
    while (!stopped) {
      try {
        const status = await ask(port, '/cars?perPage=1', agent)
        if (status === 200) answered++
        else lost.push(`status ${status}`)
      } catch (error) {
        lost.push((error as { code?: string }).code ?? String(error))
      }
    }
  })
  return {
    stop: async () => {
      stopped = true
      await Promise.all(clients)
      agent.destroy()
      return { answered, lost }
    },
    answered: () => answered,
  }
}

const readyWorkers = (output: string) => [...output.matchAll(/"worker":(\d+),"msg":"A worker is ready"/g)].map((match) => Number(match[1]))

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a cluster', { timeout: 60_000 }, () => {
  test('answers a scrape with the sum of all workers, ended ones included', async () => {
    const { child, port, output } = await serve(4)
    for (let i = 0; i < 400; i++) await ask(port, '/cars?perPage=1')
    const count = async () => Number(/glueful_http_requests_total\{route="\/cars",method="GET",status="200"\} (\d+)/.exec(await textOf(port, '/metrics'))?.[1])
    await expect.poll(count).toBe(400)
    await expect.poll(() => readyWorkers(output())).toHaveLength(4)
    // Longer than the interval in which counts are put aside, so that the killed worker's are there.
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const [victim] = readyWorkers(output())
    process.kill(victim as number, 'SIGKILL')
    await expect.poll(output).toContain('A worker ended unexpectedly and is replaced')
    await expect.poll(count).toBe(400)
    await expect.poll(() => readyWorkers(output()).length).toBe(5)
    child.kill('SIGHUP')
    await expect.poll(output, { timeout: 30_000 }).toContain('All workers are replaced')
    expect(await count()).toBe(400)
  })

  test('loses no request while its workers are replaced one by one', async () => {
    const { child, port, output } = await serve(2)
    const traffic = load(port, 8)
    await expect.poll(traffic.answered).toBeGreaterThan(50)
    for (let round = 1; round <= 3; round++) {
      child.kill('SIGHUP')
      await expect.poll(() => output().split('All workers are replaced').length - 1, { timeout: 20_000 }).toBe(round)
    }
    const { answered, lost } = await traffic.stop()
    expect(lost).toEqual([])
    expect(answered).toBeGreaterThan(100)
    expect(readyWorkers(output())).toHaveLength(8)
  })

  test('loses no request when its workers are told to end under load', { timeout: 60_000 + terminations * 10_000 }, async () => {
    const { port, output } = await serve(2)
    const traffic = load(port, 8)
    const ready = () => readyWorkers(output())
    for (let round = 0; round < terminations; round++) {
      await expect.poll(() => ready().length, { timeout: 20_000 }).toBe(2 + round)
      const before = traffic.answered()
      await expect.poll(traffic.answered).toBeGreaterThan(before + 50)
      const [oldest] = ready().filter(isRunning)
      process.kill(oldest as number, 'SIGTERM')
    }
    await expect.poll(() => ready().length, { timeout: 20_000 }).toBe(2 + terminations)
    const { answered, lost } = await traffic.stop()
    expect(output().split('A worker has drained and is replaced').length - 1).toBe(terminations)
    expect(output()).not.toContain('ended unexpectedly')
    console.log(`${terminations} SIGTERMs, ${answered} requests answered, ${lost.length} lost`)
    expect(lost).toEqual([])
  })

  test('ends with code 0 on SIGTERM, and with 1 when it cannot start', async () => {
    const { child, exit } = await serve(2)
    child.kill('SIGTERM')
    expect(await exit).toBe(0)
    const broken = spawn(process.execPath, [bin, 'serve', '--workers=2'], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', CURRENCY: 'GBP' },
      stdio: 'ignore',
    })
    running.push(broken)
    expect(await new Promise((resolve) => broken.once('exit', resolve))).toBe(1)
  })
})

test('one process ends with code 0 on SIGTERM', { timeout: 20_000 }, async () => {
  const { child, exit, output } = await serve(1)
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
  expect(output()).toContain('Draining')
})

describe('under a process manager that opens a channel', { timeout: 30_000 }, () => {
  async function start() {
    const port = 20_000 + Math.floor(Math.random() * 20_000)
    const child = spawn(process.execPath, [bin, 'serve', `--port=${port}`, '--host=127.0.0.1'], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', LOG_LEVEL: 'info' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    running.push(child)
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const ready = await new Promise((resolve) => child.once('message', resolve))
    return { child, port, exit, ready }
  }

  test('it is told when requests can come, and SIGINT drains', async () => {
    const { child, port, exit, ready } = await start()
    expect(ready).toBe('ready')
    expect(await ask(port)).toBe(200)
    child.kill('SIGINT')
    expect(await exit).toBe(0)
  })

  test('the message shutdown drains', async () => {
    const { child, port, exit } = await start()
    expect(await ask(port)).toBe(200)
    child.send('shutdown')
    expect(await exit).toBe(0)
  })
})

describe('a process manager that waits is told when requests can come', () => {
  const settings = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', LOG_LEVEL: 'error' }
  const first = async (child: ChildProcess) => (await once(child, 'message'))[0] as unknown

  test.each([1, 2])('that forks, with %i workers', async (workers) => {
    const port = await freePort()
    const child = fork(bin, ['serve', `--port=${port}`, '--host=127.0.0.1', `--workers=${workers}`], { cwd: folder, env: settings, stdio: 'ignore' })
    running.push(child)
    expect(await first(child)).toBe('ready')
    expect(await ask(port)).toBe(200)
  })

  test('that clusters', async () => {
    const port = await freePort()
    cluster.setupPrimary({ exec: bin, args: ['serve', `--port=${port}`, '--host=127.0.0.1'], cwd: folder, silent: true })
    const worker = cluster.fork(settings)
    running.push(worker.process)
    expect(await first(worker.process)).toBe('ready')
    expect(await ask(port)).toBe(200)
  })
})
