import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'

/** The Redis that tests share; each uses an application name of its own, and so keys of its own. */
export const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
const { hostname, port } = new URL(redisUrl)

const isCi = process.env['CI'] === 'true'
const reachable = isCi || (await accepts(Number(port || 6379), hostname))
const skipped = (name: string, ...rest: unknown[]) =>
  (test.skip as (...parameters: unknown[]) => void)(`${name} (skipped: no Redis at ${hostname}:${port || 6379})`, ...rest)

/** A test that needs that Redis: skipped where there is none, except in CI. */
export const redisTest = reachable ? test : (skipped as typeof test)

/** Why there is no Redis of one's own here, as there is none to start; in CI it fails instead. */
export const noOwnRedis = isCi || spawnSync('redis-server', ['--version']).error === undefined ? undefined : 'skipped: no redis-server to start'

export interface OwnRedis {
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** Ends it as a crash does. */
  kill(): Promise<void>
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A Redis of the test's own, to be killed, stopped and started again. */
export async function startRedis(...options: string[]): Promise<OwnRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'glueful-redis-'))
  const free = await freePort()
  const start = async () => {
    const child = spawn('redis-server', ['--port', String(free), '--bind', '127.0.0.1', '--save', '', '--dir', directory, ...options], { stdio: 'ignore' })
    while (!(await accepts(free, '127.0.0.1'))) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
    }
    return child
  }
  let child = await start()
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return {
    url: `redis://127.0.0.1:${free}`,
    port: free,
    get process() {
      return child
    },
    kill,
    restart: async () => {
      child = await start()
    },
    [Symbol.asyncDispose]: async () => {
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => setTimeout(() => resolve(false), 20))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
