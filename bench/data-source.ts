import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { commentRow, commentsEach, postRow, postsEach, userRow, users, withPosts, type Dialect } from './data-peers/subjects/workload.ts'

const server = process.env['BENCH_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** A database with the rows that every subject works on. */
export interface DataSource {
  readonly url: string
  drop(): Promise<void>
}

export async function createDataSource(dialect: Dialect): Promise<DataSource> {
  return dialect === 'sqlite' ? createFile() : createServerDatabase()
}

const indexes = 'create index posts_user on posts (user_id); create index comments_post on comments (post_id); create index users_name on users (name);'

/** In memory where there is a file system for it: how fast the disk takes checkpoints is no property of a library. */
const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

function createFile(): DataSource {
  const folder = mkdtempSync(join(parent, 'glueful-bench-data-'))
  const url = join(folder, 'bench.sqlite')
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
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function createServerDatabase(): Promise<DataSource> {
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
