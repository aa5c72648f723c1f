import { float, hasMany, Model, string, timestamps, uuid } from '@glueful/database'
import { Car } from './car.ts'
import { Review } from './review.ts'
import { StaffMember } from './staff-member.ts'

export class Dealer extends Model('dealers', {
  id: uuid().primary(),
  name: string(120),
  city: string(80).index(),
  /** ISO 3166-1 alpha-2. */
  country: string(2).index(),
  rating: float().default(0),
  ...timestamps(),
}) {
  static relations = {
    cars: hasMany(() => Car),
    staff: hasMany(() => StaffMember),
    reviews: hasMany(() => Review),
  }
}
