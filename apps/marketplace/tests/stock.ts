import { Car, Customer, Dealer } from '../models/index.ts'

export const volvo = { make: 'Volvo', model: 'V60', year: 2022, fuel: 'hybrid', gearbox: 'automatic', mileage: 31_000, price: 33_500, color: 'blue' } as const

/** A few cars of two dealers, and a customer. */
export async function stockUp() {
  const [hamburg, lyon] = await Dealer.createMany([
    { name: 'Autohaus Nordlicht', city: 'Hamburg', country: 'DE' },
    { name: 'Garage du Parc', city: 'Lyon', country: 'FR' },
  ])
  const cars = await Car.createMany(
    Array.from({ length: 30 }, (_, index) => ({
      ...volvo,
      make: ['Volvo', 'Saab', 'Renault'][index % 3] as string,
      model: ['V60', '9-5', 'Zoe'][index % 3] as string,
      fuel: (['hybrid', 'petrol', 'electric'] as const)[index % 3] as 'hybrid',
      price: 5_000 + index * 1_000,
      description: index === 0 ? 'Winter wheels, 100% of the service history' : '',
      dealerId: (index % 2 === 0 ? hamburg : lyon)?.id as string,
      stock: 2,
    })),
  )
  const customer = await Customer.create({ name: 'Ada Berg', email: 'ada@example.com', country: 'SE' })
  return { dealer: hamburg as NonNullable<typeof hamburg>, cars, customer }
}
