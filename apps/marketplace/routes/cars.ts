import { created, events, noContent, route } from 'glueful'
import { z } from 'zod'
import { CarAdded, CarFeed } from '../catalogue/car-feed.ts'
import { Car as CarBody, CarWithDealer, NewCar, toCar, toDealer } from '../catalogue/car.ts'
import { carFilters, carOrders, searchCars } from '../catalogue/car-search.ts'
import { pageOf, paging } from '../catalogue/page.ts'
import { Car, Dealer } from '../models/index.ts'

const params = z.object({ id: z.uuid() })

export const cars = {
  list: route.get(
    '/cars',
    {
      summary: 'Search cars',
      query: z.object({ ...carFilters, sort: z.enum(carOrders).default('price'), ...paging }),
      strict: 'reject',
      response: pageOf(CarBody),
    },
    async ({ query: { sort, page, perPage, ...filters } }) => {
      const { data, meta } = await searchCars(filters, sort).with('photos').paginate({ page, perPage })
      return { data: data.map(toCar), meta }
    },
  ),

  feed: route.get('/cars/feed', { summary: 'New cars as they are added (Server-Sent Events)' }, ({ use }) =>
    events(async function* (lastEventId: string | undefined, signal: AbortSignal) {
      for await (const car of use(CarFeed).follow(lastEventId, signal)) yield { event: 'car', id: car.id, data: car }
    }),
  ),

  show: route.get('/cars/:id', { summary: 'One car with its dealer', params, response: CarWithDealer }, async ({ params }) => {
    const car = await Car.with('dealer', 'photos').findOrFail(params.id)
    return { ...toCar(car), dealer: toDealer(car.dealer) }
  }),

  create: route.post('/cars', { summary: 'Offer a car', body: NewCar, strict: 'reject', response: CarBody }, async ({ body, emit }) => {
    await Dealer.findOrFail(body.dealerId)
    const offered = { ...toCar({ ...(await Car.create(body)), photos: [] } as never) }
    await emit(CarAdded, offered)
    return created(offered, `/cars/${offered.id}`)
  }),

  update: route.patch(
    '/cars/:id',
    { summary: 'Change an offer', params, body: NewCar.partial(), strict: 'reject', response: CarBody },
    async ({ params, body }) => {
      if (body.dealerId !== undefined) await Dealer.findOrFail(body.dealerId)
      const car = await Car.with('photos').findOrFail(params.id)
      return toCar(await car.update(body))
    },
  ),

  remove: route.delete('/cars/:id', { summary: 'Withdraw an offer', params }, async ({ params }) => {
    const car = await Car.findOrFail(params.id)
    await car.delete()
    return noContent()
  }),
}
