import { transaction } from '@glueful/database'
import { Cache, created, events, noContent, route } from 'glueful'
import { z } from 'zod'
import { CarAdded, CarFeed } from '../catalogue/car-feed.ts'
import { CarQuery } from '../catalogue/car-search.ts'
import { hooks } from '../catalogue/hooks.ts'
import { NewCar } from '../catalogue/new-car.ts'
import { CarResource } from '../catalogue/resources.ts'
import { Car } from '../models/index.ts'

const params = z.object({ id: z.uuid() })
const sellers = { auth: ['session', 'jwt', 'apiKey'], scopes: 'cars:write' } as const

export const cars = {
  list: route.get(
    '/cars',
    {
      summary: 'Search cars',
      query: CarQuery,
      strict: 'reject',
      response: CarResource.partial.page,
      cache: { ttl: '10s', tags: ['cars'], staleWhileRevalidate: '1m', by: 'public' },
    },
    ({ query }) => CarResource.paginate(query.apply(Car.query()), query),
  ),

  feed: route.get(
    '/cars/feed',
    { summary: 'New cars as they are added (Server-Sent Events)', acceptRisks: { ANSWER_NOT_DESCRIBED: 'a stream of cars as /cars describes them' } },
    ({ use }) =>
      events(async function* (lastEventId: string | undefined, signal: AbortSignal) {
        for await (const car of use(CarFeed).follow(lastEventId, signal)) yield { event: 'car', id: car.id, data: car }
      }),
  ),

  show: route.get('/cars/:id', { summary: 'One car with its dealer', params, etag: true, response: CarResource.schema }, async ({ params }) => {
    return CarResource.one(await Car.with('dealer', 'photos').findOrFail(params.id))
  }),

  create: route.post(
    '/cars',
    { ...sellers, can: 'cars.create', idempotency: 'optional', summary: 'Offer a car', body: NewCar, strict: 'reject', response: CarResource.schema },
    async ({ body, emit, use, authorize }) => {
      await authorize('change', new Car(body))
      const offered = await transaction(async () => {
        const car = await Car.create(body)
        const { id, make, model, price, dealerId } = car
        await hooks.publish('car.created', { id, make, model, price }, { tenant: dealerId })
        return CarResource.one(car)
      })
      await use(Cache).flush('cars')
      await emit(CarAdded, offered)
      return created(offered, `/cars/${offered.id}`)
    },
  ),

  update: route.patch(
    '/cars/:id',
    { ...sellers, can: 'cars.update', summary: 'Change an offer', params, body: NewCar.partial(), strict: 'reject', response: CarResource.schema },
    async ({ params, body, use, authorize }) => {
      const car = await Car.findOrFail(params.id)
      await authorize('change', car)
      const changed = car.fill(body)
      // Nor may a seller give a car to a dealer that is not theirs.
      await authorize('change', changed)
      await changed.save()
      await use(Cache).flush('cars')
      return CarResource.one(changed)
    },
  ),

  remove: route.delete(
    '/cars/:id',
    { ...sellers, can: 'cars.delete', audit: 'car.withdrawn', summary: 'Withdraw an offer', params },
    async ({ params, use, authorize }) => {
      const car = await Car.findOrFail(params.id)
      await authorize('change', car)
      await car.delete()
      await use(Cache).flush('cars')
      return noContent()
    },
  ),
}
