import { listQuery } from '@glueful/database'
import { z } from 'zod'
import { Car, fuels, gearboxes } from '../models/car.ts'

/** What clients may ask of the list of cars. */
export const CarQuery = listQuery(Car, {
  filter: {
    make: ['eq', 'in', 'starts'],
    model: ['eq', 'in', 'starts'],
    fuel: ['eq', 'in'],
    gearbox: ['eq'],
    price: true,
    year: true,
    mileage: true,
    dealerId: ['eq', 'in'],
    'dealer.city': ['eq', 'in', 'starts'],
    'dealer.country': ['eq', 'in'],
    'dealer.rating': ['gte'],
  },
  sort: ['price', 'year', 'mileage', 'dealer.rating', 'dealer.name'],
  defaultSort: 'price',
  search: 'fullText',
  fields: ['id', 'dealerId', 'make', 'model', 'year', 'fuel', 'gearbox', 'mileage', 'price', 'color', 'description', 'stock', 'dealer.*', 'photos.*'],
  expand: ['dealer', 'photos'],
})

/** What buyers search by in plain words. */
export const carFilters = {
  q: z
    .string()
    .trim()
    .min(2)
    .max(100)
    .optional()
    .describe('Words of make, model, color, fuel, gearbox and description; "in quotes" one after the other, -without, begin*'),
  make: z.string().trim().min(1).max(40).optional().describe('The make, or how it begins'),
  fuel: z.enum(fuels).optional(),
  gearbox: z.enum(gearboxes).optional(),
  minPrice: z.coerce.number().int().min(0).max(2_000_000_000).optional(),
  maxPrice: z.coerce.number().int().min(0).max(2_000_000_000).optional(),
  minYear: z.coerce.number().int().min(1900).max(2100).optional(),
  maxMileage: z.coerce.number().int().min(0).max(2_000_000_000).optional(),
}

export const carOrders = ['price', '-price', 'year', '-year', 'mileage', '-mileage'] as const

export type CarFilters = z.infer<z.ZodObject<typeof carFilters>>

/** The cars that match, in the order that is asked for; the most relevant first where there are words and no order. */
export function searchCars({ q, make, ...filters }: CarFilters, order?: (typeof carOrders)[number]) {
  const query = Car.query()
    .whereIf('fuel', filters.fuel)
    .whereIf('gearbox', filters.gearbox)
    .whereIf('price', '>=', filters.minPrice)
    .whereIf('price', '<=', filters.maxPrice)
    .whereIf('year', '>=', filters.minYear)
    .whereIf('mileage', '<=', filters.maxMileage)
  if (make !== undefined) query.whereStartsWith('make', make)
  if (q !== undefined) query.search(q)
  if (order !== undefined) query.orderBy(order.replace('-', '') as 'price' | 'year' | 'mileage', order.startsWith('-') ? 'desc' : 'asc')
  return query
}
