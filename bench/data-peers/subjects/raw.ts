import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Dialect, Subject, User, UserRow, UserWithPosts } from './workload.ts'

/** Driver calls as people write them by hand: prepared statements, plain objects with Dates. */
export function open(dialect: Dialect, url: string): Subject {
  return dialect === 'sqlite' ? sqlite(url) : postgres(url)
}

type Row = Record<string, never>

const toUser = (row: Row): User => ({
  id: row['id'],
  name: row['name'],
  email: row['email'],
  age: row['age'],
  active: Boolean(row['active']),
  city: row['city'],
  createdAt: new Date(row['created_at']),
})

function assemble(users: readonly Row[], posts: readonly Row[], comments: readonly Row[]): UserWithPosts[] {
  const byPost = new Map<number, { id: number; text: string; createdAt: Date }[]>()
  for (const row of comments) {
    const list = byPost.get(row['post_id']) ?? []
    if (list.length === 0) byPost.set(row['post_id'], list)
    list.push({ id: row['id'], text: row['text'], createdAt: new Date(row['created_at']) })
  }
  const byUser = new Map<number, UserWithPosts['posts'][number][]>()
  for (const row of posts) {
    const list = byUser.get(row['user_id']) ?? []
    if (list.length === 0) byUser.set(row['user_id'], list)
    list.push({
      id: row['id'],
      title: row['title'],
      body: row['body'],
      publishedAt: new Date(row['published_at']),
      comments: byPost.get(row['id']) ?? [],
    } as UserWithPosts['posts'][number])
  }
  return users.map((row) => ({ ...toUser(row), posts: byUser.get(row['id']) ?? [] }))
}

function sqlite(file: string): Subject {
  const db = new DatabaseSync(file)
  // better-sqlite3, which the peers use, is built with synchronous = normal for WAL; everybody gets the same.
  db.exec('pragma busy_timeout = 5000; pragma foreign_keys = on; pragma synchronous = normal')
  const columns = 'id, name, email, age, active, city, created_at'
  const find = db.prepare(`select ${columns} from users where id = ?`)
  const list = db.prepare(`select ${columns} from users where active = ? and age > ? order by name limit 100`)
  const insert = db.prepare(`insert into users (${columns}) values (?, ?, ?, ?, ?, ?, ?)`)
  const update = db.prepare('update users set age = ? where id = ?')
  const first = db.prepare(`select ${columns} from users order by id limit 50`)
  const page = db.prepare(`select ${columns} from users order by id limit 25 offset ?`)
  const count = db.prepare('select count(*) as total from users')
  const posts = db.prepare('select id, user_id, title, body, published_at from posts where user_id in (select value from json_each(?)) order by id')
  const comments = db.prepare('select id, post_id, text, created_at from comments where post_id in (select value from json_each(?)) order by id')
  const add = (user: UserRow) => insert.run(user.id, user.name, user.email, user.age, user.active ? 1 : 0, user.city, user.createdAt.getTime())
  const ids = (rows: readonly Row[]) => JSON.stringify(rows.map((row) => row['id']))
  return {
    find: async (id) => toUser(find.get(id) as Row),
    list: async () => (list.all(1, 30) as Row[]).map(toUser),
    insert: async (user) => add(user),
    bulkInsert: async (users) => {
      db.exec('begin immediate')
      for (const user of users) add(user)
      db.exec('commit')
    },
    update: async (id, age) => update.run(age, id),
    eager: async () => {
      const users = first.all() as Row[]
      const found = posts.all(ids(users)) as Row[]
      return assemble(users, found, comments.all(ids(found)) as Row[])
    },
    paginate: async (number) => ({ items: (page.all((number - 1) * 25) as Row[]).map(toUser), total: (count.get() as { total: number }).total }),
    close: async () => db.close(),
  }
}

function postgres(url: string): Subject {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  const columns = 'id, name, email, age, active, city, created_at'
  const query = (name: string, text: string, values: unknown[]) => pool.query({ name, text, values }).then(({ rows }) => rows as Row[])
  return {
    find: async (id) => toUser((await query('find', `select ${columns} from users where id = $1`, [id]))[0] as Row),
    list: async () => (await query('list', `select ${columns} from users where active = $1 and age > $2 order by name limit 100`, [true, 30])).map(toUser),
    insert: (user) =>
      query('insert', `insert into users (${columns}) values ($1, $2, $3, $4, $5, $6, $7)`, [
        user.id,
        user.name,
        user.email,
        user.age,
        user.active,
        user.city,
        user.createdAt,
      ]),
    bulkInsert: (users) =>
      query(
        'bulk',
        `insert into users (${columns}) select * from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::bool[], $6::text[], $7::timestamptz[])`,
        [
          users.map((user) => user.id),
          users.map((user) => user.name),
          users.map((user) => user.email),
          users.map((user) => user.age),
          users.map((user) => user.active),
          users.map((user) => user.city),
          users.map((user) => user.createdAt),
        ],
      ),
    update: (id, age) => query('update', 'update users set age = $1 where id = $2', [age, id]),
    eager: async () => {
      const users = await query('first', `select ${columns} from users order by id limit 50`, [])
      const posts = await query('posts', 'select id, user_id, title, body, published_at from posts where user_id = any($1) order by id', [
        users.map((row) => row['id']),
      ])
      const comments = await query('comments', 'select id, post_id, text, created_at from comments where post_id = any($1) order by id', [
        posts.map((row) => row['id']),
      ])
      return assemble(users, posts, comments)
    },
    paginate: async (number) => {
      const [items, total] = await Promise.all([
        query('page', `select ${columns} from users order by id limit 25 offset $1`, [(number - 1) * 25]),
        query('count', 'select count(*)::int as total from users', []),
      ])
      return { items: items.map(toUser), total: (total[0] as { total: number } | undefined)?.total ?? 0 }
    },
    close: () => pool.end(),
  }
}
