import { factory } from '@glueful/database'
import { StaffMember } from '../models/staff-member.ts'
import { DealerFactory } from './dealer-factory.ts'

export const StaffMemberFactory = factory(StaffMember, (faker) => ({
  name: faker.person.fullName(),
  role: faker.helpers.arrayElement(['sales', 'service', 'manager'] as const),
  phone: faker.phone.number({ style: 'international' }),
  dealerId: DealerFactory,
}))
