// A program of its own: an application that keeps prices in its cache. Says where it listens, and serves until it is killed.
import { database, integer, Model, transaction } from '@glueful/database'
import { createApp, route } from 'glueful'

class Price extends Model('prices', { id: integer().primary(), amount: integer() }) {}

const ttl = (process.env['PRICE_TTL'] ?? '1h') as '1h'
let finish: ((commit: boolean) => void) | undefined
let finished: Promise<unknown> = Promise.resolve()

const routes = {
  kept: route.get('/kept', async () => (await Price.cache({ ttl }).findOrFail(1)).amount),
  raise: route.post('/raise', () => Price.where('id', 1).increment('amount')),
  raiseInTransaction: route.post('/raise-in-transaction', () => transaction(() => Price.where('id', 1).increment('amount'))),
  /** Answers when the price is raised in a transaction that is still open. */
  begin: route.post('/begin', async () => {
    const raised = Promise.withResolvers<null>()
    finished = transaction(async () => {
      await Price.where('id', 1).increment('amount')
      const end = new Promise<boolean>((resolve) => (finish = resolve))
      raised.resolve(null)
      if (!(await end)) throw new RangeError('rolled back')
    }).catch(() => undefined)
    return raised.promise
  }),
  commit: route.post('/commit', async () => {
    finish?.(true)
    await finished
    return null
  }),
  rollback: route.post('/rollback', async () => {
    finish?.(false)
    await finished
    return null
  }),
  clear: route.post('/clear', async () => {
    await Price.clearCache()
    return null
  }),
}

const app = createApp({ name: process.env['PRICE_APP'] ?? 'prices', routes, extensions: [database({ migrateOnStart: true, queryCache: true })] })
const { url } = await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`${JSON.stringify({ url })}\n`)
