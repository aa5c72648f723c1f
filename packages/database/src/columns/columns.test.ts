import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  bigint,
  decimal,
  encrypted,
  enumeration,
  integer,
  json,
  softDeletes,
  string,
  timestamps,
  uuid,
  type Attributes,
  type CreateInput,
  type KeyOf,
  type Serialized,
} from './index.ts'

const columns = {
  id: uuid().primary(),
  make: string(),
  condition: enumeration(['new', 'used']).default('used'),
  specs: json<{ doors: number }>().nullable(),
  secret: string().hidden().nullable(),
  mileage: bigint(),
  version: integer().version(),
  ...timestamps(),
  ...softDeletes(),
}

describe('columns', () => {
  test('say what they are, and each step is a new column', () => {
    const base = uuid()
    const key = base.references('dealers', 'id', { onDelete: 'cascade' }).index().nullable()
    expect(key.facts).toMatchObject({
      type: 'uuid',
      nullable: true,
      index: true,
      unique: false,
      references: { table: 'dealers', column: 'id', onDelete: 'cascade', onUpdate: undefined },
    })
    expect(base.facts.nullable).toBe(false)
    expect(columns.id.facts).toMatchObject({ primary: true, generated: 'uuid' })
    expect(integer().primary().facts.generated).toBe('increment')
    expect(string().primary().facts.generated).toBeUndefined()
    expect(columns.condition.facts).toMatchObject({ values: ['new', 'used'], default: { value: 'used' } })
    expect(columns.deletedAt.facts).toMatchObject({ role: 'deletedAt', nullable: true })
    expect(encrypted().facts.hidden).toBe(true)
    expect(bigint({ as: 'number' }).facts.as).toBe('number')
  })

  test('refuse what no database has: COLUMN_INVALID', () => {
    expect(() => string(0)).toThrow('COLUMN_INVALID')
    expect(() => decimal(4, 5)).toThrow('COLUMN_INVALID')
    expect(() => enumeration(['a', 'a'])).toThrow('COLUMN_INVALID')
  })

  test('type what a record holds, takes and sends', () => {
    expectTypeOf<Attributes<typeof columns>['specs']>().toEqualTypeOf<{ doors: number } | null>()
    expectTypeOf<Attributes<typeof columns>['condition']>().toEqualTypeOf<'new' | 'used'>()
    expectTypeOf<KeyOf<typeof columns>>().toEqualTypeOf<string>()
    expectTypeOf<CreateInput<typeof columns>>().toEqualTypeOf<{
      make: string
      mileage: bigint
      id?: string | undefined
      condition?: 'new' | 'used' | undefined
      specs?: { doors: number } | null | undefined
      secret?: string | null | undefined
      version?: number | undefined
      createdAt?: Date | undefined
      updatedAt?: Date | undefined
      deletedAt?: Date | null | undefined
    }>()
    expectTypeOf<Serialized<typeof columns>['createdAt']>().toEqualTypeOf<string>()
    expectTypeOf<Serialized<typeof columns>['mileage']>().toEqualTypeOf<string>()
    expectTypeOf<Serialized<typeof columns>>().not.toHaveProperty('secret')
  })
})
