import { spawn, type ChildProcess } from 'node:child_process'
import { watch } from 'node:fs'
import { dirname, extname, sep } from 'node:path'

export interface DevServerOptions {
  readonly appFile: string
  /** Passed on to `glueful serve`. */
  readonly args: readonly string[]
  readonly open: boolean
}

const watched = new Set(['.ts', '.mts', '.js', '.mjs', '.json', '.env', '.sql'])
const ignored = ['node_modules', '.git', 'dist', 'coverage']

/**
 * Runs `glueful serve` as a child and starts it anew when a source file below the application's folder changes; the
 * port stays. A child that ends by itself (a syntax error, say) is started again at the next change.
 */
export function runDevServer({ appFile, args, open }: DevServerOptions): Promise<number> {
  const folder = dirname(appFile)
  let child: ChildProcess | undefined
  let stopping = false
  let pending: NodeJS.Timeout | undefined
  let opened = !open

  function start(): void {
    const started = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, 'serve', ...args], {
      stdio: ['inherit', 'inherit', 'pipe'],
      env: { NODE_ENV: 'development', ...process.env },
    })
    child = started
    started.stderr?.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk)
      const docs = /Docs\s+(http\S+)/.exec(chunk.toString())?.[1]
      if (docs === undefined || opened) return
      opened = true
      openBrowser(docs)
    })
    started.once('exit', (code) => {
      if (child !== started) return
      child = undefined
      if (!stopping && code !== 0) process.stderr.write(`\n  The application ended with code ${code}; waiting for a change.\n`)
    })
  }

  async function restart(changed: string): Promise<void> {
    process.stderr.write(`\n  ${changed} changed\n`)
    await end()
    if (!stopping) start()
  }

  function end(): Promise<void> {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      const force = setTimeout(() => running.kill('SIGKILL'), 3_000)
      running.once('exit', () => {
        clearTimeout(force)
        resolve()
      })
      running.kill('SIGTERM')
    })
  }

  return new Promise((resolve) => {
    const watcher = watch(folder, { recursive: true }, (_, name) => {
      if (name === null || !concerns(name)) return
      clearTimeout(pending)
      // Editors write a file in several steps.
      pending = setTimeout(() => void restart(name), 50)
    })
    const stop = async () => {
      if (stopping) return
      stopping = true
      watcher.close()
      clearTimeout(pending)
      await end()
      resolve(0)
    }
    process.on('SIGINT', () => void stop())
    process.on('SIGTERM', () => void stop())
    start()
  })
}

function concerns(name: string): boolean {
  if (name.split(sep).some((part) => ignored.includes(part))) return false
  return watched.has(extname(name)) || name.split(sep).at(-1)?.startsWith('.env') === true
}

function openBrowser(url: string): void {
  const program = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open'
  spawn(program, [url], { stdio: 'ignore', detached: true })
    .on('error', () => process.stderr.write(`  Open ${url} in a browser.\n`))
    .unref()
}
