import 'reflect-metadata'
import { DataSource, EntitySchema, MoreThan } from 'typeorm'
import type { Dialect, Subject, User } from './workload.ts'

interface Post {
  id: number
  title: string
}

/** TypeORM with entity schemas; relations by its join strategy. */
export async function open(dialect: Dialect, url: string): Promise<Subject> {
  const lite = dialect === 'sqlite'
  const date = lite
    ? {
        type: 'integer' as const,
        transformer: { from: (value: number) => new Date(value), to: (value: unknown) => (value instanceof Date ? value.getTime() : value) },
      }
    : { type: 'timestamptz' as const }
  const UserEntity = new EntitySchema<User & { posts: Post[] }>({
    name: 'User',
    tableName: 'users',
    columns: {
      id: { type: 'integer', primary: true },
      name: { type: 'text' },
      email: { type: 'text' },
      age: { type: 'integer' },
      active: { type: 'boolean' },
      city: { type: 'text' },
      createdAt: { ...date, name: 'created_at' },
    },
    relations: { posts: { type: 'one-to-many', target: 'Post', inverseSide: 'user' } },
  } as never)
  const PostEntity = new EntitySchema<Post>({
    name: 'Post',
    tableName: 'posts',
    columns: {
      id: { type: 'integer', primary: true },
      userId: { type: 'integer', name: 'user_id' },
      title: { type: 'text' },
      body: { type: 'text' },
      publishedAt: { ...date, name: 'published_at' },
    },
    relations: {
      user: { type: 'many-to-one', target: 'User', inverseSide: 'posts', joinColumn: { name: 'user_id' } },
      comments: { type: 'one-to-many', target: 'Comment', inverseSide: 'post' },
    },
  } as never)
  const CommentEntity = new EntitySchema({
    name: 'Comment',
    tableName: 'comments',
    columns: {
      id: { type: 'integer', primary: true },
      postId: { type: 'integer', name: 'post_id' },
      text: { type: 'text' },
      createdAt: { ...date, name: 'created_at' },
    },
    relations: { post: { type: 'many-to-one', target: 'Post', inverseSide: 'comments', joinColumn: { name: 'post_id' } } },
  } as never)
  const source = new DataSource({
    ...(lite ? { type: 'better-sqlite3' as const, database: url } : { type: 'postgres' as const, url, poolSize: 10 }),
    entities: [UserEntity, PostEntity, CommentEntity],
  } as never)
  await source.initialize()
  const users = source.getRepository(UserEntity)
  return {
    find: (id) => users.findOneByOrFail({ id }),
    list: () => users.find({ where: { active: true, age: MoreThan(30) }, order: { name: 'ASC' }, take: 100 }),
    insert: (user) => users.insert(user),
    bulkInsert: (rows) => users.insert([...rows]),
    update: (id, age) => users.update({ id }, { age } as never),
    eager: async () => (await users.find({ order: { id: 'ASC' }, take: 50, relations: { posts: { comments: true } } as never })) as never,
    paginate: async (page) => {
      const [items, total] = await users.findAndCount({ order: { id: 'ASC' }, take: 25, skip: (page - 1) * 25 })
      return { items, total }
    },
    close: () => source.destroy(),
  }
}
