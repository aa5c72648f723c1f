import { route } from 'glueful'
import { z } from 'zod'
import { expectTypeOf, test } from 'vitest'

test('types follow from path and schemas', () => {
  route.get('/cars/:id/photos/:photo?', (ctx) => {
    expectTypeOf(ctx.params.id).toEqualTypeOf<string>()
    expectTypeOf(ctx.params.photo).toEqualTypeOf<string | undefined>()
    return { a: 1 }
  })
  const create = route.post(
    '/cars',
    { body: z.object({ price: z.coerce.number() }), query: z.object({ q: z.string().optional() }) },
    async ({ body, query, params }) => {
      expectTypeOf(body).toEqualTypeOf<{ price: number }>()
      expectTypeOf(query.q).toEqualTypeOf<string | undefined>()
      expectTypeOf(params).toEqualTypeOf<{}>()
      return { id: 'x' }
    },
  )
  expectTypeOf<NonNullable<(typeof create)['types']>['body']>().toEqualTypeOf<{ id: string }>()
  route.get('/x', { response: z.object({ id: z.string() }) }, () => ({ id: 'x' }))
  // @ts-expect-error the response lacks id
  route.get('/x', { response: z.object({ id: z.string() }) }, () => ({ no: 'x' }))
  // @ts-expect-error the response lacks id
  route.get('/x', { response: z.object({ id: z.string() }) }, async () => ({ no: 'x' }))
  route.get('/x', { response: z.object({ id: z.string() }) }, async () => ({ id: 'x' }))
})
