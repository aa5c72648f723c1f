import SQLite from 'better-sqlite3'
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import pg from 'pg'
import type { Dialect, Subject, User, UserRow } from './workload.ts'

interface Tables {
  users: { id: number; name: string; email: string; age: number; active: boolean | number; city: string; created_at: Date | number }
  posts: { id: number; user_id: number; title: string; body: string; published_at: Date | number }
  comments: { id: number; post_id: number; text: string; created_at: Date | number }
}

const columns = ['id', 'name', 'email', 'age', 'active', 'city', 'created_at'] as const
const toUser = (row: Tables['users']): User => ({
  id: row.id,
  name: row.name,
  email: row.email,
  age: row.age,
  active: Boolean(row.active),
  city: row.city,
  createdAt: new Date(row.created_at),
})

/** Kysely with better-sqlite3 and pg; relations as people write them with it: a query each, grouped by hand. */
export function open(dialect: Dialect, url: string): Subject {
  const lite = dialect === 'sqlite'
  const db = new Kysely<Tables>({
    dialect: lite ? new SqliteDialect({ database: new SQLite(url) }) : new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 10 }) }),
  })
  const toRow = ({ createdAt, active, ...user }: UserRow): Tables['users'] => ({
    ...user,
    active: lite ? Number(active) : active,
    created_at: lite ? createdAt.getTime() : createdAt,
  })
  return {
    find: async (id) => toUser(await db.selectFrom('users').select(columns).where('id', '=', id).executeTakeFirstOrThrow()),
    list: async () =>
      (
        await db
          .selectFrom('users')
          .select(columns)
          .where('active', '=', lite ? 1 : true)
          .where('age', '>', 30)
          .orderBy('name')
          .limit(100)
          .execute()
      ).map(toUser),
    insert: (user) => db.insertInto('users').values(toRow(user)).execute(),
    bulkInsert: (users) => db.insertInto('users').values(users.map(toRow)).execute(),
    update: (id, age) => db.updateTable('users').set({ age }).where('id', '=', id).execute(),
    eager: async () => {
      const users = await db.selectFrom('users').select(columns).orderBy('id').limit(50).execute()
      const posts = await db
        .selectFrom('posts')
        .selectAll()
        .where(
          'user_id',
          'in',
          users.map((user) => user.id),
        )
        .orderBy('id')
        .execute()
      const comments = await db
        .selectFrom('comments')
        .selectAll()
        .where(
          'post_id',
          'in',
          posts.map((post) => post.id),
        )
        .orderBy('id')
        .execute()
      const byPost = Map.groupBy(comments, (comment) => comment.post_id)
      const byUser = Map.groupBy(posts, (post) => post.user_id)
      return users.map((user) => ({
        ...toUser(user),
        posts: (byUser.get(user.id) ?? []).map((post) => ({
          ...post,
          publishedAt: new Date(post.published_at),
          comments: (byPost.get(post.id) ?? []).map((comment) => ({ ...comment, createdAt: new Date(comment.created_at) })),
        })),
      }))
    },
    paginate: async (page) => {
      const [items, total] = await Promise.all([
        db
          .selectFrom('users')
          .select(columns)
          .orderBy('id')
          .limit(25)
          .offset((page - 1) * 25)
          .execute(),
        db.selectFrom('users').select(db.fn.countAll().as('total')).executeTakeFirstOrThrow(),
      ])
      return { items: items.map(toUser), total: Number(total.total) }
    },
    close: () => db.destroy(),
  }
}
