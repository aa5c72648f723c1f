import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { integer, string, text, type Columns } from '../../columns/index.ts'
import type { ManagedDatabase } from '../../connection/create-database.ts'
import { toObjects } from '../../connection/row-objects.ts'
import type { FullTextOptions } from '../../full-text/full-text-options.ts'
import { readLiveSchema } from '../../schema/introspect/read-schema.ts'
import { dropEverything } from '../../schema/drop-everything.ts'
import { modelsOf } from '../../schema/model-tables.ts'
import { describeDialects } from '../../testing/describe-dialects.ts'
import { loadMigrations } from '../load-migrations.ts'
import { overDatabase } from '../migration-connection.ts'
import { createMigrator } from '../migrator.ts'
import { diffModels } from './diff-models.ts'
import { renderDiff } from './render-diff.ts'

const offers = (columns: Columns, fullText?: FullTextOptions) =>
  modelsOf({
    Offer: class {
      static readonly table = 'offers'
      static readonly columns: Columns = { number: integer().primary(), ...columns }
      static readonly options = { fullText }
    },
  })

const words = { make: string(40), body: text(), note: text().nullable() }
const search: FullTextOptions = { columns: { make: 3, body: 1 } }

await describeDialects(describe, ({ dialect, open }) => {
  test('a search comes, changes, outlives its columns and goes, and each step leads back', async () => {
    await using place = await open()
    const database = place.db as ManagedDatabase
    // Within the package, so that the files find it.
    const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), '.diff-test-'))
    let count = 0
    const migrator = async () => createMigrator({ database, migrations: await loadMigrations(folder, dialect) })
    const apply = async (models: ReturnType<typeof offers>) => {
      const name = `202601010000${String(++count).padStart(2, '0')}_step`
      const source = renderDiff(name, await diffModels(database, models, []))
      writeFileSync(join(folder, `${name}.ts`), source)
      await (await migrator()).up()
      expect(await diffModels(database, models, [])).toEqual({ differences: [], notes: [] })
      return source
    }
    const live = async () =>
      (await readLiveSchema(dialect, async (query, params = []) => toObjects(await database.execute(query, params)))).find(({ name }) => name === 'offers')
    try {
      expect(await apply(offers(words, search))).toContain("await schema.createFullText('offers', { columns: { make: 3, body: 1 }, key: 'number' })")
      await database.script("insert into offers (number, make, body) values (1, 'Volvo', 'estate')")
      const states = [await live()]
      const steps = [
        // Other columns.
        offers(words, { columns: ['body', 'note'] }),
        // Another language, after a column that it had is gone and another has changed its type.
        offers({ make: string(60), body: string(200) }, { columns: ['make', 'body'], language: 'english' }),
        // No search.
        offers({ make: string(60), body: string(200) }),
      ]
      for (const models of steps) {
        await apply(models)
        states.push(await live())
      }
      expect(states.map((table) => table?.fullText === undefined)).toEqual([false, false, false, true])
      for (let step = states.length - 2; step >= 0; step--) {
        await (await migrator()).rollback(1)
        expect((await live())?.fullText).toBe(states[step]?.fullText)
      }
      // Dropping the table takes all of it along, and the name is free again.
      await (await migrator()).rollback(1)
      await (await migrator()).up()
      await dropEverything(overDatabase(database))
      expect(await readLiveSchema(dialect, async (query, params = []) => toObjects(await database.execute(query, params)))).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
