import fc from 'fast-check'
import { Cache, createApp, reply, route } from 'glueful'
import { createFrozenClock, createMemoryDestination } from 'glueful/testing'
import { expect, test } from 'vitest'

// Whatever a route says about caching and whoever asks in whatever order: nobody is ever given an answer that was worked
// out for somebody else, as long as the handler does not call it public.
test('an answer made for one user never reaches another', async () => {
  const user = fc.option(fc.constantFrom('ann', 'bob', 'anonymous', 'known', ''), { nil: undefined })
  const request = fc.record({
    user,
    authorization: fc.option(fc.constantFrom('Bearer a', 'Bearer b'), { nil: undefined }),
    language: fc.option(fc.constantFrom('de', 'fr', '', 'de,fr'), { nil: undefined }),
    tenant: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
    query: fc.constantFrom('', '?a=1', '?a=1&b=2', '?b=2&a=1'),
    head: fc.boolean(),
    control: fc.option(fc.constantFrom('no-cache', 'no-store', 'max-age=0', 'max-stale', 'only-if-cached'), { nil: undefined }),
    wait: fc.constantFrom(0, 1_000, 11_000, 45_000),
    together: fc.boolean(),
    flush: fc.boolean(),
  })
  const options = fc.record(
    {
      by: fc.constantFrom('public' as const, 'user' as const),
      vary: fc.subarray(['accept-language', 'x-tenant']),
      staleWhileRevalidate: fc.constantFrom('20s' as const),
      staleIfError: fc.constantFrom('1m' as const),
    },
    { requiredKeys: [] },
  )
  const saysVary = fc.subarray(['accept-language', 'x-tenant'])
  const saysPrivate = fc.boolean()

  await fc.assert(
    fc.asyncProperty(options, saysVary, saysPrivate, fc.array(request, { minLength: 2, maxLength: 12 }), async (cache, vary, isPrivate, requests) => {
      const clock = createFrozenClock()
      // The answer depends on who asks, and on the headers that the option or the answer names.
      const named = new Set([...(cache.vary ?? []), ...vary])
      const x = route.get('/x', { cache: { ttl: '10s', tags: ['t'], ...cache } }, async (ctx) => {
        await Promise.resolve()
        const body = {
          user: ctx.identity?.id ?? null,
          authorization: ctx.header('authorization') ?? null,
          language: named.has('accept-language') ? (ctx.header('accept-language') ?? null) : null,
          tenant: named.has('x-tenant') ? (ctx.header('x-tenant') ?? null) : null,
        }
        const headers = { ...(vary.length === 0 ? {} : { vary: vary.join(', ') }), ...(isPrivate ? { 'cache-control': 'private' } : {}) }
        return reply(200, body, headers)
      })
      const app = createApp({ name: 'private', routes: { x } }).with({ environment: 'test', env: {}, clock, logDestination: createMemoryDestination() })
      await app.ready()
      const ask = async (one: (typeof requests)[number]) => {
        const headers: Record<string, string> = {
          ...(one.authorization === undefined ? {} : { authorization: one.authorization }),
          ...(one.language === undefined ? {} : { 'accept-language': one.language }),
          ...(one.tenant === undefined ? {} : { 'x-tenant': one.tenant }),
          ...(one.control === undefined ? {} : { 'cache-control': one.control }),
        }
        const identity = one.user === undefined ? {} : { identity: { id: one.user, roles: [], scopes: [], strategy: 'test' } }
        const answer = await app.fetch(new Request(`http://localhost/x${one.query}`, { headers, method: one.head ? 'HEAD' : 'GET' }), identity)
        if (answer.status !== 200 || one.head) return
        const body = (await answer.json()) as { user: string | null; authorization: string | null; language: string | null; tenant: string | null }
        // What anonymous callers are answered is for everybody; anything else only for the one it was made for.
        const isAnonymous = body.user === null && body.authorization === null
        if (!(isAnonymous && cache.by !== 'user')) expect(body.user).toBe(one.user ?? null)
        if (!isAnonymous && cache.by !== 'user') expect(body.authorization).toBe(one.authorization ?? null)
        if (named.has('accept-language')) expect(body.language).toBe(one.language ?? null)
        if (named.has('x-tenant')) expect(body.tenant).toBe(one.tenant ?? null)
      }
      let batch: Promise<void>[] = []
      for (const one of requests) {
        batch.push(ask(one))
        if (one.together) continue
        await Promise.all(batch)
        batch = []
        clock.advance(one.wait)
        if (one.flush) await app.use(Cache).flush('t')
      }
      await Promise.all(batch)
      await app.close()
    }),
    { numRuns: 600 },
  )
})
