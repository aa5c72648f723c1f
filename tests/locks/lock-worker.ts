import { createApp, Locks, Redis } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'

// One of the processes of lock-processes.test.ts.
const app = createApp({ name: process.argv[2] as string, routes: {} }).with({
  environment: 'test',
  env: { REDIS_URL: process.env['REDIS_URL'] },
  logDestination: createMemoryDestination(),
})
await app.ready()
const locks = app.use(Locks)
const redis = app.use(Redis)

process.on('message', (work: { hold: true } | { sections: number }) => void ('hold' in work ? hold() : run(work.sections)))
process.send?.('ready')

/** Takes the lock for a second and says so; the test kills the process then. */
async function hold(): Promise<void> {
  const { token } = await locks.lock('section', { ttl: '1s' })
  process.send?.({ token })
}

/** Adds one to a number by reading and writing it, so that two at once would lose one; leaves the token of each. */
async function run(sections: number): Promise<void> {
  for (let i = 0; i < sections; i++) {
    await locks.withLock('section', { ttl: '10s', wait: '60s' }, async ({ token }) => {
      const count = Number(await redis.client.get(redis.key('count')))
      await redis.client.rpush(redis.key('tokens'), token)
      await redis.client.set(redis.key('count'), count + 1)
    })
  }
  process.send?.({ done: true })
}
