import { createHash, randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { mergeSnapshots } from '../../foundation/metrics/merge-snapshots.ts'
import type { MetricsSnapshot } from '../../foundation/metrics/metrics.ts'

export interface SiblingMetrics {
  /** The sum over all workers of the application on this machine, ended ones included. */
  collect(): Promise<{ readonly snapshot: MetricsSnapshot; readonly workers: number }>
  close(): void
}

export interface SiblingOptions {
  readonly name: string
  /**
   * `sibling`: one of the workers of its parent. `parent`: it looks after workers, its children, and answers for them.
   * `child`: one of those; what it counted stays when it has ended, however it did. Default: `sibling`.
   */
  readonly place?: 'sibling' | 'parent' | 'child'
  readonly snapshot: () => MetricsSnapshot
  /** Brings gauges up to date before another worker is answered; within `timeout`, or its counts would be missing. */
  readonly look?: () => Promise<unknown>
  /** Told when others cannot ask this process: it serves on, and its last counts stay in the sum. */
  readonly onError?: (error: unknown) => void
  /** How long a worker may take to answer, in ms. Default: 500. */
  readonly timeout?: number
  /** How often the counts are put aside for the case that the process is killed, in ms. Default: 1,000. */
  readonly interval?: number
}

/** Where a parent keeps what children that are gone have counted. */
const gone = 'gone.json'

/** What is joined by this thread. One process is one worker: a second application of the same name keeps to itself. */
const joined = new Set<string>()

/** One listener for all: a process may have many applications. */
const leaveAtExit = new Set<() => void>()
function leaveAll(): void {
  for (const leave of leaveAtExit) leave()
}

/**
 * Lets any worker answer for all. Workers with one parent (a cluster primary, PM2) share a private folder: each listens
 * there on a socket that gives its numbers, and leaves what it counted in a file, which counts on when it has ended.
 */
export function joinSiblings({
  name,
  place = 'sibling',
  snapshot,
  look = async () => {},
  onError = () => {},
  timeout = 500,
  interval = 1_000,
}: SiblingOptions): SiblingMetrics {
  const parent = place === 'parent' ? process.pid : process.ppid
  const company = `${name}\0${parent}\0${startOf(parent)}`
  const isFirst = isMainThread && !joined.has(company)
  if (isFirst) joined.add(company)
  const key = createHash('sha256')
    .update(isFirst ? company : `${company}\0${randomUUID()}`)
    .digest('hex')
    .slice(0, 16)
  const folder = join(tmpdir(), `glueful-${process.getuid?.() ?? 0}-${key}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const owner = statSync(folder).uid
  const mine = join(folder, `${process.pid}.json`)
  const socket = join(folder, `${process.pid}.sock`)
  rmSync(socket, { force: true })

  const server: Server = createServer((connection) => {
    connection.on('error', () => connection.destroy())
    void look().then(() => connection.end(JSON.stringify(snapshot())))
  })
  server.on('error', onError)
  server.unref()
  // Exclusive, or a cluster's primary would listen in this worker's place.
  if (owner === (process.getuid?.() ?? 0)) server.listen({ path: socket, exclusive: true })

  function putAside(): void {
    const temporary = `${mine}.tmp`
    try {
      writeFileSync(temporary, JSON.stringify(onlyLasting(snapshot())), { mode: 0o600 })
      renameSync(temporary, mine)
    } catch {
      // The folder was cleaned away; the numbers of this process are still served live.
    }
  }
  putAside()
  const timer = setInterval(putAside, interval)
  timer.unref()
  const atExit = () => {
    putAside()
    rmSync(socket, { force: true })
  }
  leaveAtExit.add(atExit)
  if (leaveAtExit.size === 1) process.on('exit', leaveAll)

  /** Workers that come and go for months would leave a file each: what the dead have counted is kept in one. */
  function bury(files: readonly string[]): void {
    const dead = files.filter((file) => file.endsWith('.json') && file !== gone && !isAlive(Number.parseInt(file)))
    if (dead.length === 0) return
    const all = [gone, ...dead].map((file) => readSnapshot(join(folder, file))).filter((one) => one !== undefined)
    writeFileSync(join(folder, `${gone}.tmp`), JSON.stringify(mergeSnapshots(all)), { mode: 0o600 })
    renameSync(join(folder, `${gone}.tmp`), join(folder, gone))
    for (const file of dead) rmSync(join(folder, file), { force: true })
  }

  async function collect() {
    if (place === 'parent') bury(filesOf(folder))
    const files = filesOf(folder)
    const others = files.filter((file) => file.endsWith('.sock') && file !== `${process.pid}.sock`)
    const live = await Promise.all(others.map((file) => ask(join(folder, file), timeout)))
    const answered = new Set([String(process.pid)])
    others.forEach((file, index) => {
      if (live[index] !== undefined) answered.add(file.slice(0, -'.sock'.length))
    })
    const ended = files
      .filter((file) => file.endsWith('.json') && !answered.has(file.slice(0, -'.json'.length)))
      .map((file) => readSnapshot(join(folder, file)))
      .filter((one) => one !== undefined)
    const present = live.filter((one) => one !== undefined)
    return { snapshot: mergeSnapshots([snapshot(), ...present, ...ended]), workers: present.length + 1 }
  }

  return {
    collect,
    close: () => {
      if (isFirst) joined.delete(company)
      clearInterval(timer)
      leaveAtExit.delete(atExit)
      if (leaveAtExit.size === 0) process.off('exit', leaveAll)
      server.close()
      // Counts of a worker that is replaced stay in the sum, which would otherwise go back; the parent or last one takes the folder along.
      putAside()
      rmSync(socket, { force: true })
      const isLast = !filesOf(folder).some((file) => file.endsWith('.sock') && isAlive(Number.parseInt(file)))
      if (place === 'parent' || (place === 'sibling' && isLast)) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** None when the system has cleaned its temporary files: then this process answers for itself. */
function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** What still means something when its process has ended: counts, not states. */
function onlyLasting(snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.filter((family) => family.type !== 'gauge')
}

function readSnapshot(file: string): MetricsSnapshot | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as MetricsSnapshot
  } catch {
    return undefined
  }
}

function ask(socket: string, timeout: number): Promise<MetricsSnapshot | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const connection = createConnection(socket)
    const finish = (answer: MetricsSnapshot | undefined) => {
      connection.destroy()
      resolve(answer)
    }
    connection.setTimeout(timeout, () => finish(undefined))
    connection.on('error', () => finish(undefined))
    connection.on('data', (chunk: Buffer) => void chunks.push(chunk))
    connection.on('end', () => {
      try {
        finish(JSON.parse(Buffer.concat(chunks).toString()) as MetricsSnapshot)
      } catch {
        finish(undefined)
      }
    })
  })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: unknown }).code !== 'ESRCH'
  }
}

/** Tells a process from a later one with the same id; field 22 of proc(5) stat. */
function startOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
