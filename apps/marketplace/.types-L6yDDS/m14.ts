import { route } from 'glueful'
import { z } from 'zod'
export const m14 = {
  r0: route.post(
    '/m14/things-0/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r1: route.post(
    '/m14/things-1/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r2: route.post(
    '/m14/things-2/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r3: route.post(
    '/m14/things-3/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r4: route.post(
    '/m14/things-4/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r5: route.post(
    '/m14/things-5/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r6: route.post(
    '/m14/things-6/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r7: route.post(
    '/m14/things-7/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r8: route.post(
    '/m14/things-8/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r9: route.post(
    '/m14/things-9/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r10: route.post(
    '/m14/things-10/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r11: route.post(
    '/m14/things-11/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r12: route.post(
    '/m14/things-12/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r13: route.post(
    '/m14/things-13/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r14: route.post(
    '/m14/things-14/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r15: route.post(
    '/m14/things-15/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r16: route.post(
    '/m14/things-16/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r17: route.post(
    '/m14/things-17/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r18: route.post(
    '/m14/things-18/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r19: route.post(
    '/m14/things-19/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r20: route.post(
    '/m14/things-20/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r21: route.post(
    '/m14/things-21/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r22: route.post(
    '/m14/things-22/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r23: route.post(
    '/m14/things-23/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r24: route.post(
    '/m14/things-24/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r25: route.post(
    '/m14/things-25/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r26: route.post(
    '/m14/things-26/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r27: route.post(
    '/m14/things-27/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r28: route.post(
    '/m14/things-28/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r29: route.post(
    '/m14/things-29/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r30: route.post(
    '/m14/things-30/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r31: route.post(
    '/m14/things-31/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r32: route.post(
    '/m14/things-32/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r33: route.post(
    '/m14/things-33/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r34: route.post(
    '/m14/things-34/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r35: route.post(
    '/m14/things-35/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r36: route.post(
    '/m14/things-36/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r37: route.post(
    '/m14/things-37/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r38: route.post(
    '/m14/things-38/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r39: route.post(
    '/m14/things-39/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r40: route.post(
    '/m14/things-40/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r41: route.post(
    '/m14/things-41/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r42: route.post(
    '/m14/things-42/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r43: route.post(
    '/m14/things-43/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r44: route.post(
    '/m14/things-44/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r45: route.post(
    '/m14/things-45/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r46: route.post(
    '/m14/things-46/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r47: route.post(
    '/m14/things-47/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r48: route.post(
    '/m14/things-48/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
  r49: route.post(
    '/m14/things-49/:id',
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.coerce.number().optional() }),
      body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
    },
    ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city }),
  ),
}
