import { belongsTo, enumeration, hasMany, integer, Model, softDeletes, string, text, timestamps, uuid } from '@glueful/database'
import { Dealer } from './dealer.ts'
import { Photo } from './photo.ts'

export const fuels = ['petrol', 'diesel', 'hybrid', 'electric'] as const
export const gearboxes = ['manual', 'automatic'] as const

export class Car extends Model(
  'cars',
  {
    id: uuid().primary(),
    dealerId: uuid().references('dealers').index(),
    make: string(40).index(),
    model: string(60),
    year: integer(),
    fuel: enumeration(fuels),
    gearbox: enumeration(gearboxes),
    /** Kilometres driven. */
    mileage: integer(),
    /** Whole units of the currency. */
    price: integer().index(),
    color: string(30),
    description: text(),
    /** How many of them are left; never below zero. */
    stock: integer().default(1),
    ...timestamps(),
    ...softDeletes(),
  },
  { fullText: { columns: { make: 4, model: 4, color: 2, fuel: 2, gearbox: 2, description: 1 } } },
) {
  static relations = { dealer: belongsTo(() => Dealer), photos: hasMany(() => Photo) }
}
