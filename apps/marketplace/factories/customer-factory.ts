import { factory } from '@glueful/database'
import { Customer } from '../models/customer.ts'

export const CustomerFactory = factory(Customer, (faker, sequence) => ({
  name: faker.person.fullName(),
  email: `customer${sequence}@example.com`,
  city: faker.location.city(),
  country: faker.helpers.arrayElement(['DE', 'AT', 'FR', 'NL', 'SE', 'PL']),
}))
