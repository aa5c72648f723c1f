import { NotFound, created, events, noContent, route } from 'glueful'
import { z } from 'zod'
import { CarAdded, CarFeed } from '../inventory/car-feed.ts'
import { Car, CarWithDealer, NewCar, fuels, gearboxes } from '../inventory/car.ts'
import { Inventory, carOrders } from '../inventory/inventory.ts'
import { pageOf, paginate, paging } from '../inventory/page.ts'

const params = z.object({ id: z.uuid() })

export const carNotFound = (id: string) => new NotFound(`There is no car ${id}.`, { code: 'CAR_NOT_FOUND' })

function requireDealer(inventory: Inventory, id: string) {
  const dealer = inventory.dealers.get(id)
  if (dealer === undefined) throw new NotFound(`There is no dealer ${id}.`, { code: 'DEALER_NOT_FOUND' })
  return dealer
}

export const cars = {
  list: route.get(
    '/cars',
    {
      summary: 'Search cars',
      query: z.object({
        make: z.string().optional(),
        model: z.string().optional(),
        fuel: z.enum(fuels).optional(),
        gearbox: z.enum(gearboxes).optional(),
        minPrice: z.coerce.number().int().min(0).optional(),
        maxPrice: z.coerce.number().int().min(0).optional(),
        minYear: z.coerce.number().int().optional(),
        maxMileage: z.coerce.number().int().min(0).optional(),
        dealerId: z.uuid().optional(),
        sort: z.enum(carOrders).default('price'),
        ...paging,
      }),
      strict: 'reject',
      response: pageOf(Car),
    },
    ({ query, use }) => paginate(use(Inventory).search(query), query),
  ),

  feed: route.get('/cars/feed', { summary: 'New cars as they are added (Server-Sent Events)' }, ({ use }) =>
    events(async function* (lastEventId: string | undefined, signal: AbortSignal) {
      for await (const car of use(CarFeed).follow(lastEventId, signal)) yield { event: 'car', id: car.id, data: car }
    }),
  ),

  show: route.get('/cars/:id', { summary: 'One car with its dealer', params, response: CarWithDealer }, ({ params, use }) => {
    const inventory = use(Inventory)
    const car = inventory.cars.get(params.id)
    if (car === undefined) throw carNotFound(params.id)
    return { ...car, dealer: requireDealer(inventory, car.dealerId) }
  }),

  create: route.post('/cars', { summary: 'Offer a car', body: NewCar, strict: 'reject', response: Car }, async ({ body, use, emit }) => {
    const inventory = use(Inventory)
    requireDealer(inventory, body.dealerId)
    const car = inventory.add(body)
    await emit(CarAdded, car)
    return created(car, `/cars/${car.id}`)
  }),

  update: route.patch('/cars/:id', { summary: 'Change an offer', params, body: NewCar.partial(), strict: 'reject', response: Car }, ({ params, body, use }) => {
    const inventory = use(Inventory)
    if (body.dealerId !== undefined) requireDealer(inventory, body.dealerId)
    const car = inventory.update(params.id, body)
    if (car === undefined) throw carNotFound(params.id)
    return car
  }),

  remove: route.delete('/cars/:id', { summary: 'Withdraw an offer', params }, ({ params, use }) => {
    if (!use(Inventory).remove(params.id)) throw carNotFound(params.id)
    return noContent()
  }),
}
