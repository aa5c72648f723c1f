import { createPasswords } from '@glueful/auth'
import { seeder } from '@glueful/database'
import { Customer, Dealer, User } from '../models/index.ts'

/** Of everybody below; seeders never run in production by themselves. */
const password = 'market days in the rain'

/** Somebody of each role to log in as. */
export default seeder('people', {
  after: ['catalogue'],
  run: async () => {
    const passwordHash = await createPasswords().hash(password)
    const dealer = await Dealer.query().orderBy('name').firstOrFail()
    const customer = await Customer.create({ name: 'Bo Buyer', email: 'buyer@example.com', country: 'SE' })
    const verifiedAt = new Date(0)
    await User.createMany([
      { name: 'Bo Buyer', email: 'buyer@example.com', role: 'buyer', customerId: customer.id, passwordHash, verifiedAt },
      { name: 'Sam Seller', email: 'seller@example.com', role: 'seller', plan: 'pro', dealerId: dealer.id, passwordHash, verifiedAt },
      { name: 'Ola Operator', email: 'operator@example.com', role: 'operator', passwordHash, verifiedAt },
      { name: 'Ada Admin', email: 'admin@example.com', role: 'admin', passwordHash, verifiedAt },
    ])
  },
})
