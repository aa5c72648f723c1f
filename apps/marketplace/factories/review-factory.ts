import { factory } from '@glueful/database'
import { Review } from '../models/review.ts'
import { CustomerFactory } from './customer-factory.ts'
import { DealerFactory } from './dealer-factory.ts'

const words = ['Everything went smoothly.', 'The car was as described.', 'Friendly people, fair price.', 'The papers took a while.', 'I would come again.']

export const ReviewFactory = factory(Review, (faker) => ({
  stars: faker.number.int({ min: 2, max: 5 }),
  text: faker.helpers.arrayElements(words, { min: 1, max: 2 }).join(' '),
  dealerId: DealerFactory,
  customerId: CustomerFactory,
}))
