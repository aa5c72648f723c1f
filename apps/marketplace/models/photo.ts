import { belongsTo, integer, Model, string, timestamps, uuid } from '@glueful/database'
import { Car } from './car.ts'

export class Photo extends Model('photos', {
  id: uuid().primary(),
  carId: uuid().references('cars', 'id', { onDelete: 'cascade' }).index(),
  /** Where it is served: `/photos/NAME.jpg`. */
  path: string(200),
  position: integer().default(0),
  ...timestamps(),
}) {
  static relations = { car: belongsTo(() => Car) }
}
