import SQLite from 'better-sqlite3'
import { and, asc, count, eq, gt, relations } from 'drizzle-orm'
import { drizzle as drizzleLite } from 'drizzle-orm/better-sqlite3'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import * as p from 'drizzle-orm/pg-core'
import * as s from 'drizzle-orm/sqlite-core'
import pg from 'pg'
import type { Dialect, Subject } from './workload.ts'

function sqliteSchema() {
  const users = s.sqliteTable('users', {
    id: s.integer().primaryKey(),
    name: s.text().notNull(),
    email: s.text().notNull(),
    age: s.integer().notNull(),
    active: s.integer({ mode: 'boolean' }).notNull(),
    city: s.text().notNull(),
    createdAt: s.integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  })
  const posts = s.sqliteTable('posts', {
    id: s.integer().primaryKey(),
    userId: s.integer('user_id').notNull(),
    title: s.text().notNull(),
    body: s.text().notNull(),
    publishedAt: s.integer('published_at', { mode: 'timestamp_ms' }).notNull(),
  })
  const comments = s.sqliteTable('comments', {
    id: s.integer().primaryKey(),
    postId: s.integer('post_id').notNull(),
    text: s.text().notNull(),
    createdAt: s.integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  })
  return { users, posts, comments }
}

function postgresSchema() {
  const users = p.pgTable('users', {
    id: p.integer().primaryKey(),
    name: p.text().notNull(),
    email: p.text().notNull(),
    age: p.integer().notNull(),
    active: p.boolean().notNull(),
    city: p.text().notNull(),
    createdAt: p.timestamp('created_at', { withTimezone: true }).notNull(),
  })
  const posts = p.pgTable('posts', {
    id: p.integer().primaryKey(),
    userId: p.integer('user_id').notNull(),
    title: p.text().notNull(),
    body: p.text().notNull(),
    publishedAt: p.timestamp('published_at', { withTimezone: true }).notNull(),
  })
  const comments = p.pgTable('comments', {
    id: p.integer().primaryKey(),
    postId: p.integer('post_id').notNull(),
    text: p.text().notNull(),
    createdAt: p.timestamp('created_at', { withTimezone: true }).notNull(),
  })
  return { users, posts, comments }
}

/** Drizzle's relational queries, prepared where its documentation says to prepare. */
export function open(dialect: Dialect, url: string): Subject {
  // Both dialects have the same surface for what is used here.
  const { users, posts, comments } = (dialect === 'sqlite' ? sqliteSchema() : postgresSchema()) as ReturnType<typeof sqliteSchema>
  const schema = {
    users,
    posts,
    comments,
    usersRelations: relations(users, ({ many }) => ({ posts: many(posts) })),
    postsRelations: relations(posts, ({ one, many }) => ({
      user: one(users, { fields: [posts.userId], references: [users.id] }),
      comments: many(comments),
    })),
    commentsRelations: relations(comments, ({ one }) => ({ post: one(posts, { fields: [comments.postId], references: [posts.id] }) })),
  }
  const pool = dialect === 'sqlite' ? undefined : new pg.Pool({ connectionString: url, max: 10 })
  const lite = dialect === 'sqlite' ? new SQLite(url) : undefined
  const db = (lite === undefined ? drizzlePg(pool as pg.Pool, { schema }) : drizzleLite(lite, { schema })) as ReturnType<typeof drizzleLite<typeof schema>>
  return {
    find: async (id) => (await db.query.users.findFirst({ where: eq(users.id, id) })) as never,
    list: async () =>
      await db
        .select()
        .from(users)
        .where(and(eq(users.active, true), gt(users.age, 30)))
        .orderBy(asc(users.name))
        .limit(100),
    insert: async (user) => await db.insert(users).values(user),
    bulkInsert: async (rows) => await db.insert(users).values([...rows]),
    update: async (id, age) => await db.update(users).set({ age }).where(eq(users.id, id)),
    eager: async () => (await db.query.users.findMany({ orderBy: asc(users.id), limit: 50, with: { posts: { with: { comments: true } } } })) as never,
    paginate: async (page) => {
      const [items, total] = await Promise.all([
        db
          .select()
          .from(users)
          .orderBy(asc(users.id))
          .limit(25)
          .offset((page - 1) * 25),
        db.select({ total: count() }).from(users),
      ])
      return { items, total: total[0]?.total ?? 0 }
    },
    close: async () => {
      lite?.close()
      await pool?.end()
    },
  }
}
