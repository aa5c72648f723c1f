import { Database, database, sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import * as fc from 'fast-check'
import { createApp, NotFound, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const body = z.object({ text: z.string() })
const app = createApp({
  name: 'hostile',
  extensions: [database()],
  routes: {
    keep: route.post('/keep', { body }, async ({ use, body: { text } }) => {
      const db = use(Database)
      await db.run(sql`delete from kept`)
      await db.run(sql`insert into kept (id, body, doc) values (${1}, ${text}, ${JSON.stringify({ text })})`)
      const row = await db.first<{ body: string; doc: unknown }>(sql`select body, doc from kept where id = ${1}`)
      const doc = (typeof row?.doc === 'string' ? JSON.parse(row.doc) : row?.doc) as { text: string }
      return { column: row?.body === text, json: doc.text === text, count: await db.all(sql`select id from kept`) }
    }),
    find: route.post('/find', { body }, async ({ use, body: { text } }) => {
      const found = await use(Database).all(
        sql`select id from places where name = ${text} or name like ${text} escape '!' or ${text} in (${sql.join(['x', text])})`,
      )
      return found.map(({ id }) => id)
    }),
    key: route.post('/key', { body }, async ({ use, body: { text } }) => {
      const found = await use(Database).first(sql`select name from places where id = ${text}`)
      if (found === undefined) throw new NotFound()
      return found
    }),
    unique: route.post('/unique', { body }, async ({ use, body: { text } }) => {
      await use(Database).run(sql`insert into uniques (name) values (${text})`)
      return { stored: true }
    }),
    kysely: route.post('/kysely', { body }, ({ use, body: { text } }) =>
      use(Database).sql.withTables<{ places: { id: number; name: string } }>().selectFrom('places').select('id').where('name', '=', text).execute(),
    ),
  },
})

const known = [
  "'; drop table places; --",
  `" or ""="`,
  '` or 1=1 #',
  "\\'; delete from places; --",
  'a\0b',
  '\0',
  '\ud800',
  'half \udfff pair',
  '%_!\\',
  '$1 $2 ? ?? :name @x',
  '/* */ -- #',
  '😀'.repeat(1_000),
  '\u202eevil',
  '\r\n\t\x1a\b',
  '',
  ' ',
  'NULL',
  '1e309',
  '{"$gt": ""}',
  'x'.repeat(1_000_000),
  "'".repeat(1_000_000),
  '\\'.repeat(1_000_000),
]

await describeDialects(describe, ({ dialect, open }) => {
  test('a hostile string goes in and comes out as it was, or is refused with 4xx; nothing else happens', { timeout: 60_000 }, async () => {
    await using place = await open()
    const types = { sqlite: ['text', 'text'], postgres: ['text', 'jsonb'], mysql: ['longtext', 'json'] }[dialect]
    await place.db.script(`
      create table kept (id integer primary key, body ${types[0]}, doc ${types[1]});
      create table places (id integer primary key, name varchar(50));
      create table uniques (name varchar(50) unique)
    `)
    await place.db.run(sql`insert into places values (1, 'Volvo'), (2, 'Saab')`)
    await using one = await testApp(app, { env: { DATABASE_URL: place.url, BODY_LIMIT: '4mb' } })

    async function judge(text: string) {
      const kept = await one.client.keep({ body: { text } })
      if (kept.status === 200) expect(kept.body).toEqual({ column: true, json: true, count: [{ id: 1 }] })
      const answers = await Promise.all([
        one.client.find({ body: { text } }),
        one.client.key({ body: { text } }),
        one.client.unique({ body: { text } }),
        one.client.kysely({ body: { text } }),
      ])
      for (const answer of [kept, ...answers])
        expect(answer.status === 200 || (answer.status >= 400 && answer.status < 500), JSON.stringify(answer.error)).toBe(true)
      expect(await place.db.first(sql`select count(*) as count from places`)).toEqual({ count: 2 })
    }

    for (const text of known) await judge(text)
    const seed = Date.now()
    process.stdout.write(`hostile strings on ${dialect}: seed ${seed}\n`)
    const strings = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom("'", '"', '`', '\\', ';', '-', '\0', '%', '\ud83d', '?', '$1', 'é', '/*') }),
    )
    await fc.assert(fc.asyncProperty(strings, judge), { seed, numRuns: 60 })
  })
})
