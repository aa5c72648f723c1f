import { setImmediate as turn } from 'node:timers/promises'
import { auth } from '@glueful/auth'
import { database } from '@glueful/database'
import { testDatabase } from '@glueful/database/testing'
import fc from 'fast-check'
import { createApp, provide, route, service } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { memoryUsers } from '../../packages/auth/src/testing/some-users.fixture.ts'
import { Tokens } from '../../packages/auth/src/tokens/tokens.ts'

/** Made once a request. */
const Basket = service<{ owner: string | undefined }>('basket')
const users = Array.from({ length: 40 }, (_, n) => `user-${n}`)
const requests = 10_000
const atOnce = 200

test('ten thousand requests of many users, one within another, share nothing', { timeout: 60_000 }, async () => {
  await using place = await testDatabase('sqlite')
  const routes = {
    mine: route.get('/mine/:turns', { auth: 'jwt' }, async ({ params, user, use, requestId, log }) => {
      const basket = use(Basket)
      if (basket.owner !== undefined) throw new Error(`the basket of ${user.id} was that of ${basket.owner}`)
      basket.owner = user.id
      for (let n = Number(params.turns); n > 0; n--) await turn()
      log.info({ owner: user.id }, 'answered')
      return { id: user.id, owner: use(Basket).owner, requestId }
    }),
  }
  const app = createApp({
    name: 'shop',
    routes,
    extensions: [database({ migrateOnStart: true }), auth({ users: memoryUsers([]) })],
    services: [provide(Basket, () => ({ owner: undefined }), { lifetime: 'request' })],
  })
  await using opened = await testApp(app, { env: { DATABASE_URL: place.url, JWT_SECRET: 'a secret of this service, long enough' } })
  const tokens = await Promise.all(users.map(async (subject) => (await opened.app.use(Tokens).issue({ subject })).token))
  const plan = fc.sample(fc.record({ user: fc.nat(users.length - 1), turns: fc.nat(6) }), { numRuns: requests, seed: 29 })
  const seen = new Map<string, string>()
  let next = 0
  const caller = async () => {
    for (let n = next++; n < requests; n = next++) {
      const { user, turns } = plan[n] as (typeof plan)[number]
      const answer = await opened.fetch(`/mine/${turns}`, { headers: { authorization: `Bearer ${tokens[user]}` } })
      const body = (await answer.json()) as { id: string; owner: string; requestId: string }
      if (body.id !== users[user] || body.owner !== users[user] || answer.headers.get('x-request-id') !== body.requestId)
        throw new Error(`${users[user]} got ${JSON.stringify(body)}`)
      seen.set(body.requestId, body.id)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  expect(seen.size).toBe(requests)
  const lines = opened.logs().filter(({ msg }) => msg === 'answered')
  expect(lines).toHaveLength(requests)
  expect(lines.filter((line) => seen.get(line['requestId'] as string) !== line['owner'])).toEqual([])
})
