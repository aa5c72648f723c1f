import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { userInfo } from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A database server that belongs to one test, which may stop it as it likes. */
export interface OwnServer {
  readonly url: string
  start(): Promise<void>
  /** `kill` gives it no time for anything, as a power cut. */
  stop(how: 'gently' | 'kill'): Promise<void>
  remove(): Promise<void>
}

const [postgresBin] = globSync('/usr/lib/postgresql/*/bin').sort().reverse()
const mariadbd = ['/usr/sbin/mariadbd', '/usr/sbin/mysqld'].find((path) => existsSync(path))

/** Whether this machine can run servers of its own. */
export const canRun = { postgres: postgresBin !== undefined, mysql: mariadbd !== undefined && existsSync('/usr/bin/mariadb-install-db') } as const

/** Servers refuse to run as root, so they run as the users that their packages made. */
async function userIds(name: string): Promise<{ uid: number; gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)))
  return { uid: uid as number, gid: gid as number }
}

export async function ownServer(dialect: 'postgres' | 'mysql'): Promise<OwnServer> {
  const ids = await userIds(dialect === 'postgres' ? 'postgres' : 'mysql')
  const folder = await mkdtemp(join(tmpdir(), `glueful-${dialect}-`))
  if (ids !== undefined) await chown(folder, ids.uid, ids.gid)
  const port = await freePort()
  const data = join(folder, 'data')
  if (dialect === 'postgres')
    await run(join(postgresBin as string, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'], { ...ids, cwd: folder })
  else
    await run('/usr/bin/mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'], {
      ...ids,
      cwd: folder,
    })
  const [command, args] =
    dialect === 'postgres'
      ? [
          join(postgresBin as string, 'postgres'),
          ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`],
        ]
      : [
          mariadbd as string,
          [
            '--no-defaults',
            `--datadir=${data}`,
            `--port=${port}`,
            '--bind-address=127.0.0.1',
            `--socket=${join(folder, 'socket')}`,
            `--pid-file=${join(folder, 'pid')}`,
            '--innodb-buffer-pool-size=16M',
            '--innodb-log-file-size=8M',
          ],
        ]
  let process_: ChildProcess | undefined
  return {
    url: dialect === 'postgres' ? `postgres://postgres@127.0.0.1:${port}/postgres` : `mysql://root@127.0.0.1:${port}/mysql`,
    async start() {
      process_ = spawn(command as string, args as string[], { ...ids, cwd: folder, stdio: 'ignore' })
      await untilListening(port)
    },
    async stop(how) {
      const running = process_
      if (running === undefined) return
      process_ = undefined
      const gone = once(running, 'exit')
      // PostgreSQL: SIGINT ends sessions and shuts down, SIGQUIT leaves everything to recovery (server manual, 19.5).
      running.kill(how === 'kill' ? (dialect === 'postgres' ? 'SIGQUIT' : 'SIGKILL') : dialect === 'postgres' ? 'SIGINT' : 'SIGTERM')
      await gone
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

export async function untilListening(port: number): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => (socket.destroy(), resolve(true)))
      socket.once('error', () => resolve(false))
    })
    if (there) return
    await new Promise((resolve) => void setTimeout(resolve, 20))
  }
  throw new TypeError(`Nothing listens at port ${port}`)
}
