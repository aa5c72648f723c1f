import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { commentRow, commentsEach, postRow, postsEach, userRow, users, withPosts, type Dialect } from './data-peers/subjects/workload.ts'
import { median } from './median.ts'
import type { BenchOptions } from './run.ts'

const peers = fileURLToPath(new URL('./data-peers/', import.meta.url))
const subjects = process.env['BENCH_SUBJECTS']?.split(',') ?? ['raw', 'glueful', 'kysely', 'drizzle', 'prisma', 'typeorm', 'mikro-orm', 'lucid']
const dialects = (process.env['BENCH_DIALECTS']?.split(',') ?? ['sqlite', 'postgres']) as Dialect[]
const server = process.env['BENCH_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

interface Figures {
  readonly rps: number
  readonly p99: number
  readonly cpuMicros: number
}

export interface DataRow extends Figures {
  /** Such as `sqlite/find`. */
  readonly scenario: string
  readonly subject: string
  /** Of hand-written driver code in the same round; above 1 is faster. */
  readonly ratio: number
}

/** Rounds in which every subject takes its turn on a fresh copy of the data, in a process of its own; medians over the rounds. */
export async function run({ quick, json }: BenchOptions): Promise<void> {
  install()
  const [rounds, seconds] = quick ? [1, 0.5] : [3, 1]
  const folder = mkdtempSync(join(tmpdir(), 'glueful-bench-data-'))
  const samples = new Map<string, Figures[]>()
  try {
    for (let round = 0; round < rounds; round++) {
      for (const dialect of dialects) {
        for (const subject of subjects) {
          process.stderr.write(`\rround ${round + 1}/${rounds} ${dialect} ${subject}               `)
          const database = await fresh(dialect, folder)
          const results = await measure(subject, dialect, database.url, seconds)
          await database.drop()
          for (const [scenario, figures] of Object.entries(results)) {
            const key = `${dialect}/${scenario} ${subject}`
            samples.set(key, [...(samples.get(key) ?? []), figures])
          }
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  process.stderr.write('\r\n')
  const scenarios = [...new Set([...samples.keys()].map((key) => key.split(' ')[0] as string))]
  const rows = scenarios.flatMap((scenario) => subjects.flatMap((subject) => rowOf(samples, scenario, subject)))
  process.stdout.write(renderTable(rows))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}

function install(): void {
  const quiet = { cwd: peers, stdio: ['ignore', 'ignore', 'inherit'] as ('ignore' | 'inherit')[] }
  if (!existsSync(`${peers}node_modules`)) {
    process.stderr.write('Installing the peers …\n')
    // Two peers ask for other versions of one driver; the installed one serves both.
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'], quiet)
  }
  if (existsSync(`${peers}generated`)) return
  // Generating needs no schema engine; naming any program keeps Prisma from downloading one.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  for (const name of ['sqlite', 'postgresql'])
    execFileSync(`${peers}node_modules/.bin/prisma`, ['generate', '--schema', `prisma/${name}.prisma`], { ...quiet, env })
}

interface Prepared {
  readonly url: string
  drop(): Promise<void>
}

async function fresh(dialect: Dialect, folder: string): Promise<Prepared> {
  return dialect === 'sqlite' ? freshFile(folder) : freshDatabase()
}

const indexes = 'create index posts_user on posts (user_id); create index comments_post on comments (post_id); create index users_name on users (name);'

function freshFile(folder: string): Prepared {
  const url = join(folder, `${process.hrtime.bigint()}.sqlite`)
  const db = new DatabaseSync(url)
  db.exec(`pragma journal_mode = wal;
    create table users (id integer primary key, name text not null, email text not null, age integer not null, active integer not null, city text not null, created_at integer not null);
    create table posts (id integer primary key, user_id integer not null references users, title text not null, body text not null, published_at integer not null);
    create table comments (id integer primary key, post_id integer not null references posts, text text not null, created_at integer not null);
    ${indexes} begin`)
  const user = db.prepare('insert into users values (?, ?, ?, ?, ?, ?, ?)')
  for (const row of rows(users, userRow)) user.run(row.id, row.name, row.email, row.age, row.active ? 1 : 0, row.city, row.createdAt.getTime())
  const post = db.prepare('insert into posts values (?, ?, ?, ?, ?)')
  for (const row of rows(withPosts * postsEach, postRow)) post.run(row.id, row.userId, row.title, row.body, row.publishedAt.getTime())
  const comment = db.prepare('insert into comments values (?, ?, ?, ?)')
  for (const row of rows(withPosts * postsEach * commentsEach, commentRow)) comment.run(row.id, row.postId, row.text, row.createdAt.getTime())
  db.exec('commit; analyze')
  db.close()
  return {
    url,
    drop: async () => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(url + suffix, { force: true })
    },
  }
}

async function freshDatabase(): Promise<Prepared> {
  const { default: pg } = await import('pg')
  const name = `glueful_bench_${process.pid}_${process.hrtime.bigint() % 1_000_000_007n}`
  const admin = async (text: string) => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(text)
    await client.end()
  }
  await admin(`create database ${name}`)
  const url = server.replace(/\/[^/]*$/, `/${name}`)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create table users (id integer primary key, name text not null, email text not null, age integer not null, active boolean not null, city text not null, created_at timestamptz not null);
    create table posts (id integer primary key, user_id integer not null references users, title text not null, body text not null, published_at timestamptz not null);
    create table comments (id integer primary key, post_id integer not null references posts, text text not null, created_at timestamptz not null);`)
  await client.query(
    `insert into users select r.id, r.name, r.email, r.age, r.active, r.city, r."createdAt" from json_to_recordset($1) as r(id int, name text, email text, age int, active bool, city text, "createdAt" timestamptz)`,
    [JSON.stringify(rows(users, userRow))],
  )
  await client.query(
    `insert into posts select r.id, r."userId", r.title, r.body, r."publishedAt" from json_to_recordset($1) as r(id int, "userId" int, title text, body text, "publishedAt" timestamptz)`,
    [JSON.stringify(rows(withPosts * postsEach, postRow))],
  )
  await client.query(
    `insert into comments select r.id, r."postId", r.text, r."createdAt" from json_to_recordset($1) as r(id int, "postId" int, text text, "createdAt" timestamptz)`,
    [JSON.stringify(rows(withPosts * postsEach * commentsEach, commentRow))],
  )
  await client.query(`${indexes} analyze`)
  await client.end()
  return { url, drop: () => admin(`drop database ${name} with (force)`) }
}

function rows<T>(count: number, row: (id: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => row(index + 1))
}

function measure(subject: string, dialect: Dialect, url: string, seconds: number): Promise<Record<string, Figures>> {
  const script = join(peers, 'run-subject.ts')
  const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0
  const command = [...(pinned ? ['taskset', '-c', '0'] : []), process.execPath, '--conditions=glueful-source', '--disable-warning=ExperimentalWarning', script]
  const child = spawn(command[0] as string, [...command.slice(1), subject, dialect, url, String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      const last = output.trim().split('\n').at(-1) ?? ''
      if (code === 0 && last.startsWith('{')) resolve(JSON.parse(last) as Record<string, Figures>)
      else reject(new TypeError(`${subject} on ${dialect} ended with ${code}`))
    })
  })
}

function rowOf(samples: ReadonlyMap<string, Figures[]>, scenario: string, subject: string): DataRow[] {
  const own = samples.get(`${scenario} ${subject}`) ?? []
  if (own.length === 0) return []
  const base = samples.get(`${scenario} raw`) ?? []
  const of = (field: keyof Figures) => median(own.map((sample) => sample[field]))
  const ratio = median(own.map((sample, index) => sample.rps / (base[index]?.rps ?? Number.NaN)))
  return [{ scenario, subject, rps: round(of('rps'), 1), ratio: round(ratio, 2), p99: round(of('p99'), 3), cpuMicros: round(of('cpuMicros'), 1) }]
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}

function renderTable(list: readonly DataRow[]): string {
  const head = '| scenario | subject | operations/s | ratio to raw | p99 ms | CPU µs/operation |\n|---|---|---:|---:|---:|---:|\n'
  return head + list.map((row) => `| ${row.scenario} | ${row.subject} | ${row.rps} | ${row.ratio.toFixed(2)} | ${row.p99} | ${row.cpuMicros} |\n`).join('')
}
