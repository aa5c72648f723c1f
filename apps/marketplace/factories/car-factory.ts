import { factory } from '@glueful/database'
import { Car, gearboxes } from '../models/car.ts'
import { DealerFactory } from './dealer-factory.ts'
import { electric, makes } from './makes.ts'

const colors = ['black', 'white', 'silver', 'blue', 'red', 'green', 'grey']
const remarks = [
  'One owner.',
  'Full service history.',
  'Winter wheels included.',
  'Heated seats and tow bar.',
  'Non-smoker car.',
  'Panorama roof.',
  'New brakes and tyres.',
]

/** Cars with a price that fits their age and mileage. */
export const CarFactory = factory(Car, (faker) => {
  const make = faker.helpers.arrayElement(Object.keys(makes))
  const model = faker.helpers.arrayElement(makes[make] ?? [])
  const year = faker.number.int({ min: 2008, max: 2026 })
  const mileage = faker.number.int({ min: 10, max: 1_500 + (2026 - year) * 19_000 })
  const isNew = faker.number.int({ min: 18_000, max: 72_000 })
  return {
    make,
    model,
    year,
    fuel: electric.has(model) ? ('electric' as const) : faker.helpers.arrayElement(['petrol', 'diesel', 'hybrid'] as const),
    gearbox: electric.has(model) ? ('automatic' as const) : faker.helpers.arrayElement(gearboxes),
    mileage,
    price: Math.max(900, Math.round((isNew * 0.87 ** (2026 - year) - mileage / 40) / 50) * 50),
    color: faker.helpers.arrayElement(colors),
    description: faker.helpers.arrayElements(remarks, { min: 1, max: 3 }).join(' '),
    stock: faker.number.int({ min: 1, max: 4 }),
    dealerId: DealerFactory,
  }
})
