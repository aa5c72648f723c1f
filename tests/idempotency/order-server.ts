import { once } from 'node:events'
import { created, createApp, route } from 'glueful'
import { database, Database, sql, transaction, afterCommit } from '@glueful/database'
import { createMemoryDestination } from 'glueful/testing'
import { z } from 'zod'

/** Tells the test where the work has got to, and waits until it says go on – or ends this process. */
async function at(stage: string): Promise<void> {
  process.send?.({ stage })
  await once(process, 'message')
}

const app = createApp({
  name: 'orders',
  extensions: [database()],
  routes: {
    create: route.post('/orders', { idempotency: { mode: 'required', lease: '1s' }, body: z.object({ car: z.int() }) }, async ({ body, use }) => {
      await at('started')
      return transaction(async () => {
        const db = use(Database)
        await db.run(sql`update stock set amount = amount - 1 where id = ${body.car}`)
        await at('between')
        await db.run(sql`insert into orders (id, car) values (${crypto.randomUUID()}, ${body.car})`)
        const [order] = await db.all<{ id: string }>(sql`select id from orders where car = ${body.car}`)
        await at('written')
        afterCommit(() => at('committed'))
        return created({ id: order?.id, car: body.car }, `/orders/${order?.id}`)
      })
    }),
  },
}).with({
  environment: 'test',
  env: { DATABASE_URL: process.argv[2] as string },
  logDestination: createMemoryDestination(),
})

const { port } = await app.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ port })
// The test is gone: nobody would ever say go on.
process.on('disconnect', () => process.exit(1))
