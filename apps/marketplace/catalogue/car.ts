import { z } from 'zod'
import type { Car as CarModel } from '../models/car.ts'
import type { Dealer as DealerModel } from '../models/dealer.ts'
import { fuels, gearboxes } from '../models/car.ts'

/** What a seller says about a car. */
export const NewCar = z
  .object({
    make: z.string().trim().min(1).max(40),
    model: z.string().trim().min(1).max(60),
    year: z.int().min(1950).max(2030),
    fuel: z.enum(fuels),
    gearbox: z.enum(gearboxes),
    mileage: z.int().min(0).max(2_000_000).describe('Kilometres driven'),
    price: z.int().min(1).max(10_000_000).describe('Whole units of the currency'),
    color: z.string().trim().min(1).max(30),
    description: z.string().trim().max(5_000).default(''),
    stock: z.int().min(0).max(1_000).default(1).describe('How many are left'),
    dealerId: z.uuid(),
  })
  .meta({ id: 'NewCar' })

export const Dealer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    city: z.string(),
    country: z.string().length(2).describe('ISO 3166-1 alpha-2'),
    rating: z.number().min(0).max(5),
  })
  .meta({ id: 'Dealer' })

export const Car = z
  .object({ id: z.uuid(), ...NewCar.shape, description: z.string(), stock: z.int(), photos: z.array(z.string()).describe('Paths of photos') })
  .meta({ id: 'Car' })

export const CarWithDealer = z.object({ ...Car.shape, dealer: Dealer }).meta({ id: 'CarWithDealer' })

export type Car = z.infer<typeof Car>
export type Dealer = z.infer<typeof Dealer>

export function toDealer({ id, name, city, country, rating }: InstanceType<typeof DealerModel>): Dealer {
  return { id, name, city, country, rating }
}

type CarRecord = InstanceType<typeof CarModel>
type PhotoRecord = { readonly path: string; readonly position: number }

type WithPhotos = CarRecord & { readonly photos: readonly PhotoRecord[] }

/** A car as clients see it; its photos are those that came with it, or the ones given. */
export function toCar(car: WithPhotos): Car
export function toCar(car: CarRecord, photos: readonly PhotoRecord[]): Car
export function toCar(car: CarRecord, photos: readonly PhotoRecord[] = (car as WithPhotos).photos): Car {
  const { id, dealerId, make, model, year, fuel, gearbox, mileage, price, color, description, stock } = car
  const paths = [...photos].sort((a, b) => a.position - b.position).map(({ path }) => path)
  return { id, dealerId, make, model, year, fuel, gearbox, mileage, price, color, description, stock, photos: paths }
}
