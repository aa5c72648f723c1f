import { z } from 'zod'
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
  .meta({
    id: 'NewCar',
    examples: [
      {
        make: 'Volvo',
        model: 'V60',
        year: 2022,
        fuel: 'hybrid',
        gearbox: 'automatic',
        mileage: 31_000,
        price: 33_500,
        color: 'blue',
        dealerId: '019b76da-a815-7028-b5e7-c053c24fd04c',
      },
    ],
  })
