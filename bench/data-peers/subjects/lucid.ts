import { Database } from '@adonisjs/lucid/database'
import { Adapter, BaseModel } from '@adonisjs/lucid/orm'
import type { Dialect, Subject, User, UserRow } from './workload.ts'

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }

/** Lucid's active record outside of AdonisJS, its columns declared by calls instead of decorators. */
export function open(dialect: Dialect, url: string): Subject {
  const lite = dialect === 'sqlite'
  const connection = lite
    ? { client: 'better-sqlite3' as const, connection: { filename: url }, useNullAsDefault: true }
    : { client: 'pg' as const, connection: url as never, pool: { min: 2, max: 10 } }
  const db = new Database(
    { connection: 'main', connections: { main: connection } } as never,
    silent as never,
    { hasListeners: () => false, emit: () => undefined } as never,
  )
  BaseModel.$adapter = new Adapter(db)
  const date = { prepare: (value: Date) => (lite ? value.getTime() : value), consume: (value: number | Date) => new Date(value) }

  class CommentModel extends BaseModel {
    static override table = 'comments'
  }
  class PostModel extends BaseModel {
    static override table = 'posts'
  }
  class UserModel extends BaseModel {
    static override table = 'users'
  }
  for (const model of [UserModel, PostModel, CommentModel]) {
    model.boot()
    model.$addColumn('id', { isPrimary: true })
  }
  for (const column of ['name', 'email', 'age', 'city']) UserModel.$addColumn(column, {})
  UserModel.$addColumn('active', { prepare: (value: boolean) => (lite ? Number(value) : value), consume: Boolean })
  UserModel.$addColumn('createdAt', { columnName: 'created_at', ...date })
  PostModel.$addColumn('userId', { columnName: 'user_id' })
  for (const column of ['title', 'body']) PostModel.$addColumn(column, {})
  PostModel.$addColumn('publishedAt', { columnName: 'published_at', ...date })
  CommentModel.$addColumn('postId', { columnName: 'post_id' })
  CommentModel.$addColumn('text', {})
  CommentModel.$addColumn('createdAt', { columnName: 'created_at', ...date })
  UserModel.$addRelation('posts', 'hasMany', () => PostModel as never, { foreignKey: 'userId' } as never)
  PostModel.$addRelation('comments', 'hasMany', () => CommentModel as never, { foreignKey: 'postId' } as never)

  const users = UserModel as unknown as {
    findOrFail(id: number): Promise<User>
    query(): ReturnType<typeof UserModel.query>
    create(values: UserRow): Promise<unknown>
    createMany(values: readonly UserRow[]): Promise<unknown>
  }
  const toRow = ({ createdAt, active, ...row }: UserRow) => ({
    ...row,
    active: lite ? Number(active) : active,
    created_at: lite ? createdAt.getTime() : createdAt,
  })
  return {
    find: (id) => users.findOrFail(id),
    list: async () =>
      (await users
        .query()
        .where('active', lite ? 1 : (true as never))
        .where('age', '>', 30)
        .orderBy('name')
        .limit(100)) as never,
    insert: (user) => users.create(user),
    // createMany inserts row by row; a bulk insert goes through the query builder, as the documentation says.
    // SQLite takes at most 500 terms of the compound select that Knex makes of it.
    bulkInsert: (rows) =>
      db.transaction(async (transaction) => {
        for (let from = 0; from < rows.length; from += 250) await transaction.table('users').multiInsert(rows.slice(from, from + 250).map(toRow))
      }),
    update: (id, age) => users.query().where('id', id).update({ age }) as never,
    eager: async () =>
      (await users
        .query()
        .orderBy('id')
        .limit(50)
        .preload('posts' as never, (query: { preload: (name: string) => void }) => query.preload('comments'))) as never,
    paginate: async (page) => {
      const found = await users.query().orderBy('id').paginate(page, 25)
      return { items: found.all() as never, total: found.total }
    },
    close: () => db.manager.closeAll(),
  }
}
