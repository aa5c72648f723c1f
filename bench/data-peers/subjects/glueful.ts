import { belongsTo, boolean, database, hasMany, integer, Model, text, timestamp } from '@glueful/database'
import { createApp } from 'glueful'
import type { Dialect, Subject, UserRow } from './workload.ts'

class User extends Model('users', {
  id: integer().primary(),
  name: text(),
  email: text(),
  age: integer(),
  active: boolean(),
  city: text(),
  created_at: timestamp(),
}) {
  static relations = { posts: hasMany(() => Post, { foreignKey: 'user_id' }) }
  get createdAt() {
    return this.created_at
  }
}

class Post extends Model('posts', { id: integer().primary(), user_id: integer().references('users'), title: text(), body: text(), published_at: timestamp() }) {
  static relations = { user: belongsTo(() => User, { foreignKey: 'user_id' }), comments: hasMany(() => Comment, { foreignKey: 'post_id' }) }
  get publishedAt() {
    return this.published_at
  }
}

class Comment extends Model('comments', { id: integer().primary(), post_id: integer().references('posts'), text: text(), created_at: timestamp() }) {
  static relations = { post: belongsTo(() => Post, { foreignKey: 'post_id' }) }
  get createdAt() {
    return this.created_at
  }
}

const toRow = ({ createdAt, ...user }: UserRow) => ({ ...user, created_at: createdAt })

/** Models as an application uses them. */
export async function open(dialect: Dialect, url: string): Promise<Subject> {
  // better-sqlite3, which the peers use, is built with synchronous = normal for WAL; everybody gets the same.
  const env = { DATABASE_URL: dialect === 'sqlite' ? `sqlite:${url}` : url, DATABASE_SYNCHRONOUS: 'normal', LOG_LEVEL: 'error' }
  const app = createApp({ name: 'bench', routes: {}, extensions: [database({ models: { User, Post, Comment } })] }).with({ environment: 'production', env })
  await app.ready()
  return {
    find: (id) => User.findOrFail(id),
    list: () => User.where('active', true).where('age', '>', 30).orderBy('name').limit(100).get(),
    insert: (user) => User.create(toRow(user)),
    bulkInsert: (users) => User.createMany(users.map(toRow)),
    update: (id, age) => User.where('id', id).update({ age }),
    eager: () => User.with('posts.comments').orderBy('id').limit(50).get(),
    paginate: async (page) => {
      const { data, meta } = await User.query().orderBy('id').paginate({ page, perPage: 25 })
      return { items: data, total: meta.total }
    },
    close: () => app.close(),
  }
}
