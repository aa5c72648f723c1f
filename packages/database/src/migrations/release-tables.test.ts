import { createApp, type GluefulError } from 'glueful'
import { describe, expect, test } from 'vitest'
import { integer, string, uuid } from '../columns/index.ts'
import { database } from '../extension/database-extension.ts'
import { sql } from '../sql/sql.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { migration, type Migration } from './migration.ts'

const cars = migration('20270101000000_cars', {
  up: (schema) => schema.createTable('cars', { id: uuid().primary(), make: string(), price: integer().nullable() }),
  down: (schema) => schema.dropTable('cars'),
})
const withoutPrice = migration('20270102000000_without_price', {
  up: (schema) => schema.dropColumn('cars', 'price'),
  down: (schema) => schema.addColumn('cars', 'price', integer().nullable()),
})

class Car {
  static readonly table = 'cars'
  static readonly columns = { id: uuid().primary(), make: string(), price: integer().nullable() }
}
class CarWithoutPrice {
  static readonly table = 'cars'
  static readonly columns = { id: uuid().primary(), make: string() }
}

await describeDialects(describe, ({ open }) => {
  test('what the running release uses is not dropped in the release that stops using it, but in the one after', async () => {
    await using scratch = await open()
    /** Starts a release in production, and resolves to what stopped it. */
    const release = async (models: Record<string, unknown>, migrations: readonly Migration[]) => {
      const app = createApp({ name: 'shop', routes: {}, extensions: [{ name: 'shop', migrations }, database({ models, migrateOnStart: true })] }).with({
        environment: 'production',
        env: { DATABASE_URL: scratch.url },
        logDestination: { write: () => undefined, flush: () => undefined },
      })
      try {
        await app.ready()
        return undefined
      } catch (error) {
        return (error as { cause?: unknown }).cause as GluefulError
      } finally {
        await app.close()
      }
    }
    expect(await release({ Car }, [cars])).toBeUndefined()
    expect(await release({ CarWithoutPrice }, [cars, withoutPrice])).toMatchObject({
      code: 'MIGRATION_UNSAFE',
      detail: expect.stringContaining('drop-column-in-use') as string,
    })
    expect(await release({ CarWithoutPrice }, [cars])).toBeUndefined()
    expect(await release({ CarWithoutPrice }, [cars, withoutPrice])).toBeUndefined()
    expect(await scratch.db.all(sql`select * from cars`)).toEqual([])
    expect(await scratch.db.first(sql`select tables from schema_release`)).toEqual({ tables: '{"cars":["id","make"]}' })
  })
})
