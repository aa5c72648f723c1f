import { seeder } from '@glueful/database'
import { CarFactory } from '../factories/car-factory.ts'
import { CustomerFactory } from '../factories/customer-factory.ts'
import { DealerFactory } from '../factories/dealer-factory.ts'
import { ReviewFactory } from '../factories/review-factory.ts'
import { StaffMemberFactory } from '../factories/staff-member-factory.ts'
import { Dealer, Review } from '../models/index.ts'

/** 24 dealers with staff and reviews, and 10,000 cars of theirs. */
export default seeder('catalogue', {
  run: async () => {
    const dealers = await DealerFactory.count(24).has(StaffMemberFactory.count(3)).create()
    const customers = await CustomerFactory.count(200).create()
    await ReviewFactory.count(300)
      .recycle([...dealers, ...customers])
      .create()
    await CarFactory.count(10_000).recycle(dealers).create()
    const ratings = await Review.query()
      .groupBy('dealerId')
      .aggregate({ stars: ['avg', 'stars'] })
    for (const { dealerId, stars } of ratings) await Dealer.where('id', dealerId).update({ rating: Math.round((stars ?? 0) * 10) / 10 })
  },
})
