import { createApp, created, events, file, group, mount, noContent, route, text, uploadedFile } from 'glueful'
import { createClient, routeManifest, type Client, type ClientResult, type Jsonify, type ReceivedEvent } from 'glueful/client'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

class Money {
  cents = 1
  toJSON() {
    return { cents: this.cents, since: new Date(0) }
  }
}

const routes = {
  cars: {
    list: route.get('/cars', { query: z.object({ make: z.string().optional(), page: z.coerce.number<number>().default(1) }) }, () => [
      { id: 'x', sold: new Date(), total: new Money(), run: () => 1 },
    ]),
    show: route.get('/cars/:id', { params: z.object({ id: z.uuid() }), response: z.object({ id: z.string(), price: z.number().transform(String) }) }, () => ({
      id: 'x',
      price: 1,
    })),
    create: route.post('/cars', { body: z.object({ price: z.number().default(1), make: z.string() }) }, async ({ body }) => created({ make: body.make })),
    drop: route.delete('/cars/:id', () => noContent()),
    photo: route.post(
      '/cars/:id/photo',
      { accepts: ['multipart'], body: z.object({ photo: uploadedFile(), more: z.array(uploadedFile()).optional(), title: z.string() }) },
      () => 1,
    ),
    part: route.get('/cars/:id/:part?', () => 1),
  },
  admin: group(
    { prefix: '/admin' },
    { stats: route.get('/stats', { headers: z.object({ 'x-since': z.string() }), cookies: z.object({ session: z.string() }) }, () => text('12')) },
  ),
  feed: route.get('/feed', () =>
    events(async function* () {
      yield 1
    }),
  ),
  page: route.get('/page', () => file('page.html')),
  legacy: mount('/legacy', () => new Response()),
}

declare const api: Client<typeof routes>
type Body<T> = T extends (...args: never[]) => Promise<infer R> ? (Extract<R, { ok: true }> extends { body: infer B } ? B : never) : never

test('what a value becomes in JSON', () => {
  expectTypeOf<Jsonify<Date>>().toEqualTypeOf<string>()
  expectTypeOf<Jsonify<Money>>().toEqualTypeOf<{ cents: number; since: string }>()
  expectTypeOf<Jsonify<{ a?: Date; b: string | undefined; c: () => void; d: symbol; e: null }>>().toEqualTypeOf<{
    a?: string
    b: string | undefined
    e: null
  }>()
  expectTypeOf<Jsonify<(Date | undefined)[]>>().toEqualTypeOf<(string | null)[]>()
  expectTypeOf<Jsonify<readonly [Date, number]>>().toEqualTypeOf<[string, number]>()
  expectTypeOf<Jsonify<'a' | Date | { at: Date }>>().toEqualTypeOf<'a' | string | { at: string }>()
  expectTypeOf<Jsonify<unknown>>().toEqualTypeOf<unknown>()
  expectTypeOf<Jsonify<any>>().toEqualTypeOf<any>()
})

describe('a client', () => {
  test('answers what handlers give, as JSON has it', () => {
    expectTypeOf<Body<typeof api.cars.list>>().toEqualTypeOf<{ id: string; sold: string; total: { cents: number; since: string } }[]>()
    expectTypeOf<Body<typeof api.cars.show>>().toEqualTypeOf<{ id: string; price: string }>()
    expectTypeOf<Body<typeof api.cars.create>>().toEqualTypeOf<{ make: string }>()
    expectTypeOf<Body<typeof api.cars.drop>>().toEqualTypeOf<undefined>()
    expectTypeOf<Body<typeof api.admin.stats>>().toEqualTypeOf<string>()
    expectTypeOf<Body<typeof api.feed>>().toEqualTypeOf<AsyncIterable<ReceivedEvent>>()
    expectTypeOf<Body<typeof api.page>>().toEqualTypeOf<Blob | string>()
  })

  test('takes what schemas accept, and asks for what they need', () => {
    const calls = () => {
      void api.cars.list()
      void api.cars.list({ query: { page: 2 }, signal: new AbortController().signal, timeout: 10 })
      void api.cars.show({ params: { id: 'x' }, headers: { 'accept-language': 'de' } })
      void api.cars.create({ body: { make: 'Volvo' } })
      void api.cars.drop({ params: { id: 'x' } })
      void api.cars.part({ params: { id: 'x' } })
      void api.cars.photo({ params: { id: 'x' }, body: { photo: new Blob(), more: [new Blob()], title: 't' } })
      void api.cars.photo({ params: { id: 'x' }, body: new FormData() })
      void api.admin.stats({ headers: { 'x-since': 'now', 'x-more': '1' }, cookies: { session: 's' } })
      // @ts-expect-error params are needed
      void api.cars.show()
      // @ts-expect-error id is needed
      void api.cars.drop({ params: {} })
      // @ts-expect-error the query has no such field
      void api.cars.list({ query: { colour: 'red' } })
      // @ts-expect-error make is needed
      void api.cars.create({ body: { price: 1 } })
      // @ts-expect-error the header is needed
      void api.admin.stats({ headers: {}, cookies: { session: 's' } })
      // @ts-expect-error there is no such operation
      void api.cars.remove({})
      // @ts-expect-error what is mounted has no operations
      void api.legacy
    }
    expectTypeOf(calls).returns.toEqualTypeOf<void>()
  })

  test('tells success from failure', async () => {
    const read = (answer: ClientResult<{ id: string }>) => {
      if (answer.ok) return answer.body.id
      expectTypeOf(answer.error.code).toEqualTypeOf<string>()
      // @ts-expect-error a failure has no body
      return answer.body as string
    }
    expectTypeOf(read).returns.toEqualTypeOf<string>()
    expectTypeOf(createClient<typeof routes>('http://localhost', { routes })).toEqualTypeOf<typeof api>()
    expectTypeOf(createClient<typeof routes>('http://localhost', { routes: routeManifest(routes) })).toEqualTypeOf<typeof api>()
  })
})

test('routes within a group, and within an inline application, are typed as others', () => {
  const tree = group(
    { prefix: '/admin' },
    {
      one: route.get('/one/:id', { summary: 'One', query: z.object({ q: z.string() }) }, ({ params, query }) => ({ id: params.id, q: query.q })),
      deep: { two: route.get('/two', { summary: 'Two' }, () => 2) },
    },
  )
  const app = createApp({
    name: 'x',
    routes: {
      tree,
      three: route.get('/three', { response: z.object({ n: z.number() }) }, () => ({ n: 1 })),
      four: route.post('/four', { summary: 'Four' }, () => created({ n: 1 })),
    },
  })
  type Api = Client<(typeof app)['definition']['routes']>
  expectTypeOf<Body<Api['tree']['one']>>().toEqualTypeOf<{ id: string; q: string }>()
  expectTypeOf<Body<Api['tree']['deep']['two']>>().toEqualTypeOf<number>()
  expectTypeOf<Body<Api['three']>>().toEqualTypeOf<{ n: number }>()
  expectTypeOf<Body<Api['four']>>().toEqualTypeOf<{ n: number }>()
})
