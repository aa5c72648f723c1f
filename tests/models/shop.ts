import {
  belongsTo,
  belongsToMany,
  bigint,
  binary,
  boolean,
  date,
  decimal,
  encrypted,
  enumeration,
  float,
  hasMany,
  hasManyThrough,
  hasOne,
  hasOneThrough,
  integer,
  json,
  Model,
  morphedByMany,
  morphMany,
  morphOne,
  morphTo,
  morphToMany,
  softDeletes,
  sql,
  string,
  text,
  timestamp,
  timestamps,
  uuid,
  type Columns,
} from '@glueful/database'
import { describeDialects, testDatabase, type TestDatabase } from '@glueful/database/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { createSchema } from '../../packages/database/src/schema/schema.ts'
import type { ManagedDatabase } from '../../packages/database/src/connection/create-database.ts'
import { liveTarget, overDatabase } from '../../packages/database/src/migrations/migration-connection.ts'

export class Dealer extends Model('dealers', { id: uuid().primary(), name: string(), city: string().default('Oslo'), ...timestamps() }) {
  static relations = {
    cars: hasMany(() => Car),
    staff: hasMany(() => Staff),
    address: hasOne(() => Address),
    photos: hasManyThrough(() => Photo, { through: () => Car }),
    firstPhoto: hasOneThrough(() => Photo, { through: () => Car }),
    tags: morphToMany(() => Tag, 'taggable', { table: 'taggables' }),
  }
}

export class Address extends Model('addresses', { id: integer().primary(), dealerId: uuid().references('dealers').unique(), street: string() }) {
  static relations = { dealer: belongsTo(() => Dealer) }
}

export class Staff extends Model('staff', {
  id: integer().primary(),
  name: string(),
  dealerId: uuid().references('dealers'),
  bossId: integer().nullable(),
}) {
  static relations = {
    dealer: belongsTo(() => Dealer),
    boss: belongsTo(() => Staff, { optional: true }),
    reports: hasMany(() => Staff, { foreignKey: 'bossId' }),
  }
}

export class Car extends Model(
  'cars',
  {
    id: uuid().primary(),
    make: string(),
    price: integer(),
    cost: decimal(12, 2).default('0.00'),
    specs: json<{ readonly doors: number }>().nullable(),
    condition: enumeration(['new', 'used']).default('used'),
    note: text().nullable(),
    dealerId: uuid().references('dealers').nullable(),
    ...timestamps(),
    ...softDeletes(),
  },
  {
    scopes: {
      cheap: (query, below: number) => query.where('price', '<', below),
      used: (query) => query.where('condition', 'used'),
      bargain: (query) => query.where('price', '<', 1_000).orWhere('condition', 'used'),
    },
  },
) {
  static relations = {
    dealer: belongsTo(() => Dealer, { optional: true }),
    photos: hasMany(() => Photo),
    tags: belongsToMany(() => Tag, {
      table: 'car_tags',
      columns: { weight: integer().default(1), addedAt: timestamp().nullable(), reason: string().hidden().nullable(), proof: encrypted().nullable() },
    }),
    comments: morphMany(() => Comment, 'subject'),
    cover: morphOne(() => Comment, 'subject'),
  }
  static appends = ['label'] as const

  get label() {
    return `${this.make} · ${this.price}`
  }
}

export class Photo extends Model('photos', {
  id: integer().primary(),
  carId: uuid().references('cars'),
  url: string(),
  size: integer(),
  cost: decimal(10, 2).default('0.10'),
}) {
  static relations = { car: belongsTo(() => Car) }
}

export class Tag extends Model('tags', { id: integer().primary(), name: string().unique() }) {
  static relations = {
    cars: belongsToMany(() => Car, { table: 'car_tags' }),
    dealers: morphedByMany(() => Dealer, 'taggable', { table: 'taggables' }),
  }
}

export class Comment extends Model('comments', { id: integer().primary(), body: string(), subjectType: string(50), subjectId: uuid() }) {
  static relations = { subject: morphTo(() => [Car, Dealer]) }
}

/** Counts its versions, and is only seen while it is public. */
export class Article extends Model(
  'articles',
  {
    id: bigint({ as: 'number' }).primary(),
    title: string(),
    secret: string().hidden().nullable(),
    isPublic: boolean().default(true),
    views: integer().default(0),
    version: integer().version(),
    ...timestamps(),
  },
  { globalScopes: { visible: (query) => query.where('isPublic', true) } },
) {}

/** A column of each type. */
export class Sample extends Model('samples', {
  id: uuid().primary(),
  uuid: uuid().nullable(),
  string: string().nullable(),
  text: text().nullable(),
  integer: integer().nullable(),
  bigint: bigint().nullable(),
  large: bigint({ as: 'number' }).nullable(),
  float: float().nullable(),
  decimal: decimal(30, 6).nullable(),
  boolean: boolean().nullable(),
  date: date().nullable(),
  timestamp: timestamp().nullable(),
  json: json().nullable(),
  enumeration: enumeration(['a', "it's", 'ä']).nullable(),
  binary: binary().nullable(),
  encrypted: encrypted().nullable(),
}) {}

const pivots: Readonly<Record<string, Columns>> = {
  car_tags: {
    carId: uuid().references('cars'),
    tagId: integer().references('tags'),
    weight: integer().default(1),
    addedAt: timestamp().nullable(),
    reason: string().nullable(),
    proof: encrypted().nullable(),
  },
  taggables: { tagId: integer().references('tags'), taggableType: string(50), taggableId: uuid() },
}

const models = [Dealer, Address, Staff, Car, Photo, Tag, Comment, Article, Sample]

/** A database with the tables of all these models. */
export async function openShop(dialect: TestDatabase['dialect']): Promise<TestDatabase> {
  const database = await testDatabase(dialect)
  const schema = createSchema(liveTarget(overDatabase(database.db as ManagedDatabase)))
  for (const model of models) await schema.createTable(model.table, model.columns)
  for (const [table, columns] of Object.entries(pivots)) await schema.createTable(table, columns)
  return database
}

/** The database of a test, empty again when the test is over. */
export interface Shop extends AsyncDisposable {
  readonly dialect: TestDatabase['dialect']
  readonly db: TestDatabase['db']
  readonly url: string
}

/** The suite on each database that can be reached; its tests run one after the other. */
export function describeShop(body: (open: () => Promise<Shop>) => void): Promise<void> {
  return describeDialects(describe, ({ dialect }) => {
    let database: TestDatabase
    beforeAll(async () => void (database = await openShop(dialect)))
    afterAll(() => database.close())
    body(async () => ({ dialect, db: database.db, url: database.url, [Symbol.asyncDispose]: () => emptied(database) }))
  })
}

async function emptied({ db }: TestDatabase): Promise<void> {
  for (const table of [...Object.keys(pivots), ...models.map((model) => model.table).reverse()]) await db.run(sql`delete from ${sql.id(table)}`)
}
