import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Dialect, Subject, User } from './workload.ts'

interface Client {
  readonly user: Record<string, (args: unknown) => Promise<unknown>>
  $transaction(queries: unknown[]): Promise<unknown[]>
  $disconnect(): Promise<void>
}

/** Prisma's client without engine, over its driver adapters; `prisma generate` has written it into generated/. */
export async function open(dialect: Dialect, url: string): Promise<Subject> {
  const lite = dialect === 'sqlite'
  const generated = (await import(`../generated/${lite ? 'sqlite' : 'postgresql'}/client.ts`)) as { PrismaClient: new (options: unknown) => Client }
  const adapter = lite ? new PrismaBetterSqlite3({ url: `file:${url}` }, { timestampFormat: 'unixepoch-ms' }) : new PrismaPg({ connectionString: url, max: 10 })
  const db = new generated.PrismaClient({ adapter })
  const call = (name: string, args: unknown) => (db.user[name] as (args: unknown) => Promise<unknown>)(args)
  return {
    find: async (id) => (await call('findUniqueOrThrow', { where: { id } })) as User,
    list: async () => (await call('findMany', { where: { active: true, age: { gt: 30 } }, orderBy: { name: 'asc' }, take: 100 })) as User[],
    insert: (data) => call('create', { data }),
    bulkInsert: (data) => call('createMany', { data }),
    update: (id, age) => call('update', { where: { id }, data: { age } }),
    eager: async () => (await call('findMany', { orderBy: { id: 'asc' }, take: 50, include: { posts: { include: { comments: true } } } })) as never,
    paginate: async (page) => {
      const [items, total] = await Promise.all([call('findMany', { orderBy: { id: 'asc' }, take: 25, skip: (page - 1) * 25 }), call('count', {})])
      return { items: items as User[], total: total as number }
    },
    close: () => db.$disconnect(),
  }
}
