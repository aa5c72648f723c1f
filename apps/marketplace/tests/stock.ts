import { Car, Customer, Dealer, User } from '../models/index.ts'

export const volvo = { make: 'Volvo', model: 'V60', year: 2022, fuel: 'hybrid', gearbox: 'automatic', mileage: 31_000, price: 33_500, color: 'blue' } as const

interface Caller {
  readonly id: string
  readonly roles: string[]
  readonly scopes: string[]
}

/** A few cars of two dealers, a buyer, a seller of the first, and an operator. */
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
  const people = await User.createMany([
    { name: 'Ada Berg', email: 'ada@example.com', role: 'buyer', customerId: customer.id },
    { name: 'Jo Nord', email: 'jo@nordlicht.example', role: 'seller', dealerId: hamburg?.id ?? null },
    { name: 'Olu Market', email: 'olu@marketplace.example', role: 'operator' },
  ])
  const [buyer, seller, operator] = people.map(({ id, role }) => ({ id, roles: [role], scopes: ['*'] })) as [Caller, Caller, Caller]
  return { dealer: hamburg as NonNullable<typeof hamburg>, cars, customer, buyer, seller, operator }
}
