import { group, route } from 'glueful'
import { z } from 'zod'
import { Inventory } from '../inventory/inventory.ts'

const Count = z.object({ name: z.string(), cars: z.int(), averagePrice: z.int() })

export const admin = group(
  { prefix: '/admin', ipAllow: ['loopback'], tags: ['admin'] },
  {
    stats: route.get(
      '/stats',
      { summary: 'What is on offer, by make', response: z.object({ cars: z.int(), dealers: z.int(), makes: z.array(Count) }) },
      ({ use }) => {
        const { cars, dealers } = use(Inventory)
        const byMake = Map.groupBy(cars.values(), (car) => car.make)
        const makes = [...byMake].map(([name, offers]) => ({
          name,
          cars: offers.length,
          averagePrice: Math.round(offers.reduce((sum, car) => sum + car.price, 0) / offers.length),
        }))
        return { cars: cars.size, dealers: dealers.size, makes: makes.sort((a, b) => b.cars - a.cars) }
      },
    ),
  },
)
