import { defineEntity, p } from '@mikro-orm/core'
import { MikroORM as Postgres } from '@mikro-orm/postgresql'
import { MikroORM as Lite } from '@mikro-orm/sqlite'
import type { Dialect, Subject } from './workload.ts'

/** MikroORM with a forked entity manager for each operation, as its documentation asks for requests. */
export async function open(dialect: Dialect, url: string): Promise<Subject> {
  const lite = dialect === 'sqlite'
  const Comment = defineEntity({
    name: 'Comment',
    tableName: 'comments',
    properties: {
      id: p.integer().primary(),
      post: () => p.manyToOne(Post).fieldName('post_id'),
      text: p.text(),
      createdAt: p.datetime().fieldName('created_at'),
    },
  })
  const Post = defineEntity({
    name: 'Post',
    tableName: 'posts',
    properties: {
      id: p.integer().primary(),
      user: () => p.manyToOne(User).fieldName('user_id'),
      title: p.text(),
      body: p.text(),
      publishedAt: p.datetime().fieldName('published_at'),
      comments: () => p.oneToMany(Comment).mappedBy('post'),
    },
  })
  const User = defineEntity({
    name: 'User',
    tableName: 'users',
    properties: {
      id: p.integer().primary(),
      name: p.text(),
      email: p.text(),
      age: p.integer(),
      active: p.boolean(),
      city: p.text(),
      createdAt: p.datetime().fieldName('created_at'),
      posts: () => p.oneToMany(Post).mappedBy('user'),
    },
  })
  const entities = [User, Post, Comment]
  const orm = lite
    ? await Lite.init({ dbName: url, entities: entities as never })
    : await Postgres.init({ clientUrl: url, entities: entities as never, pool: { max: 10 } })
  const em = () => orm.em.fork()
  return {
    find: async (id) => (await em().findOneOrFail(User, { id })) as never,
    list: async () => (await em().find(User, { active: true, age: { $gt: 30 } }, { orderBy: { name: 'asc' }, limit: 100 })) as never,
    insert: (user) => em().insert(User, user as never),
    bulkInsert: (rows) => em().insertMany(User, rows as never),
    update: (id, age) => em().nativeUpdate(User, { id }, { age }),
    eager: async () =>
      ((await em().find(User, {}, { orderBy: { id: 'asc' }, limit: 50, populate: ['posts.comments'] as never })) as never[]).map((user) => user) as never,
    paginate: async (page) => {
      const [items, total] = await em().findAndCount(User, {}, { orderBy: { id: 'asc' }, limit: 25, offset: (page - 1) * 25 })
      return { items: items as never, total }
    },
    close: () => orm.close(),
  }
}
