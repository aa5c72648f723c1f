import { z } from 'zod'

export const fuels = ['petrol', 'diesel', 'hybrid', 'electric'] as const
export const gearboxes = ['manual', 'automatic'] as const

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

export const Car = z.object({ id: z.uuid(), ...NewCar.shape, photos: z.array(z.string()).describe('Paths of photos') }).meta({ id: 'Car' })

export const CarWithDealer = z.object({ ...Car.shape, dealer: Dealer }).meta({ id: 'CarWithDealer' })

export type NewCar = z.infer<typeof NewCar>
export type Car = z.infer<typeof Car>
export type Dealer = z.infer<typeof Dealer>
