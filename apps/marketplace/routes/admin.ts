import { group, route } from 'glueful'
import { z } from 'zod'
import { Car, Dealer, Order } from '../models/index.ts'

const Count = z.object({ name: z.string(), cars: z.int(), averagePrice: z.int() })

export const admin = group(
  { prefix: '/admin', auth: ['session', 'jwt'], can: 'market.view', ipAllow: ['loopback', 'private'], tags: ['admin'] },
  {
    stats: route.get(
      '/stats',
      { summary: 'What is on offer, by make', response: z.object({ cars: z.int(), dealers: z.int(), orders: z.int(), makes: z.array(Count) }) },
      async () => {
        const [cars, dealers, orders, groups] = await Promise.all([
          Car.count(),
          Dealer.count(),
          Order.count(),
          Car.query()
            .groupBy('make')
            .aggregate({ cars: 'count', averagePrice: ['avg', 'price'] }),
        ])
        const makes = groups.map(({ make, cars, averagePrice }) => ({ name: make, cars, averagePrice: Math.round(averagePrice ?? 0) }))
        return { cars, dealers, orders, makes: makes.sort((a, b) => b.cars - a.cars) }
      },
    ),
  },
)
