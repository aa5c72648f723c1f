import { Cache, created, events, noContent, route } from 'glueful'
import { z } from 'zod'
import { CarAdded, CarFeed } from '../catalogue/car-feed.ts'
import { Car as CarBody, CarWithDealer, NewCar, toCar, toDealer } from '../catalogue/car.ts'
import { carFilters, carOrders, searchCars } from '../catalogue/car-search.ts'
import { pageOf, paging } from '../catalogue/page.ts'
import { Car } from '../models/index.ts'

const params = z.object({ id: z.uuid() })
const sellers = { auth: ['session', 'jwt', 'apiKey'], scopes: 'cars:write' } as const

export const cars = {
  list: route.get(
    '/cars',
    {
      summary: 'Search cars',
      query: z.object({ ...carFilters, sort: z.enum(carOrders).default('price'), ...paging }),
      strict: 'reject',
      response: pageOf(CarBody),
      cache: { ttl: '10s', tags: ['cars'], staleWhileRevalidate: '1m', by: 'public' },
    },
    async ({ query: { sort, page, perPage, ...filters } }) => {
      const { data, meta } = await searchCars(filters, sort).with('photos').paginate({ page, perPage })
      return { data: data.map((car) => toCar(car)), meta }
    },
  ),

  feed: route.get(
    '/cars/feed',
    { summary: 'New cars as they are added (Server-Sent Events)', acceptRisks: { ANSWER_NOT_DESCRIBED: 'a stream of cars as /cars describes them' } },
    ({ use }) =>
      events(async function* (lastEventId: string | undefined, signal: AbortSignal) {
        for await (const car of use(CarFeed).follow(lastEventId, signal)) yield { event: 'car', id: car.id, data: car }
      }),
  ),

  show: route.get('/cars/:id', { summary: 'One car with its dealer', params, etag: true, response: CarWithDealer }, async ({ params }) => {
    const car = await Car.with('dealer', 'photos').findOrFail(params.id)
    return { ...toCar(car), dealer: toDealer(car.dealer) }
  }),

  create: route.post(
    '/cars',
    { ...sellers, can: 'cars.create', idempotency: 'optional', summary: 'Offer a car', body: NewCar, strict: 'reject', response: CarBody },
    async ({ body, emit, use, authorize }) => {
      await authorize('change', new Car(body))
      const offered = toCar(await Car.create(body), [])
      await use(Cache).flush('cars')
      await emit(CarAdded, offered)
      return created(offered, `/cars/${offered.id}`)
    },
  ),

  update: route.patch(
    '/cars/:id',
    { ...sellers, can: 'cars.update', summary: 'Change an offer', params, body: NewCar.partial(), strict: 'reject', response: CarBody },
    async ({ params, body, use, authorize }) => {
      const car = await Car.with('photos').findOrFail(params.id)
      await authorize('change', car)
      const changed = car.fill(body)
      // Nor may a seller give a car to a dealer that is not theirs.
      await authorize('change', changed)
      await changed.save()
      await use(Cache).flush('cars')
      return toCar(changed, car.photos)
    },
  ),

  remove: route.delete('/cars/:id', { ...sellers, can: 'cars.delete', summary: 'Withdraw an offer', params }, async ({ params, use, authorize }) => {
    const car = await Car.findOrFail(params.id)
    await authorize('change', car)
    await car.delete()
    await use(Cache).flush('cars')
    return noContent()
  }),
}
