import { belongsTo, hasMany, integer, listQuery, Model, softDeletes, string, text, uuid, type Dialect } from '@glueful/database'
import { describeDialects, testDatabase, type TestDatabase } from '@glueful/database/testing'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ManagedDatabase } from '../../packages/database/src/connection/create-database.ts'
import { optionsOf } from '../../packages/database/src/full-text/describe-full-text.ts'
import { parseSearch, wordsOf } from '../../packages/database/src/full-text/parse-search.ts'
import { definitionOf } from '../../packages/database/src/model/definition.ts'
import { liveTarget, overDatabase } from '../../packages/database/src/migrations/migration-connection.ts'
import { createSchema } from '../../packages/database/src/schema/schema.ts'

class Shelf extends Model('shelves', { id: integer().primary(), name: string() }) {
  static relations = { books: hasMany(() => Book) }
}

class Book extends Model(
  'books',
  {
    id: uuid().primary(),
    shelfId: integer().nullable().references('shelves'),
    title: string(),
    author: string().default(''),
    body: text().nullable(),
    pages: integer().default(1),
    ...softDeletes(),
  },
  { fullText: { columns: { title: 4, author: 4, body: 1 } }, scopes: { about: (query, words: string) => query.whereSearch(words) } },
) {
  static relations = { shelf: belongsTo(() => Shelf, { optional: true }) }
}

class Note extends Model('notes', { id: integer().primary(), words: text() }, { fullText: { columns: ['words'], language: 'english' } }) {}

// Of its own: while InnoDB writes such texts out, searches of the same table miss what they had found.
class Tome extends Model('tomes', { id: integer().primary(), body: text() }, { fullText: { columns: ['body'] } }) {}

async function open(dialect: Dialect): Promise<TestDatabase> {
  const database = await testDatabase(dialect)
  const schema = createSchema(liveTarget(overDatabase(database.db as ManagedDatabase)))
  for (const model of [Shelf, Book, Note, Tome]) await schema.createTable(model.table, model.columns)
  // A row that was there before the index.
  await Note.create({ id: 1, words: 'It was running' })
  for (const model of [Book, Note, Tome]) await schema.createFullText(model.table, optionsOf(definitionOf(model).fullText))
  return database
}

interface Words {
  readonly title: string
  readonly author: string
  readonly body: string | null
}

/** What a search means, said over texts in memory. */
function holds({ title, author, body }: Words, asked: string): boolean {
  const columns = [title, author, body ?? ''].map(wordsOf)
  return parseSearch(asked).every(({ words, prefix, excluded }) => {
    const follows = (column: readonly string[], start: number) => words.every((word, at) => column[start + at] === word)
    const there = columns.some((column) => column.some((word, start) => (prefix ? word.startsWith(words[0] as string) : follows(column, start))))
    return there !== excluded
  })
}

await describeDialects(describe, ({ dialect }) => {
  let database: TestDatabase
  beforeAll(async () => void (database = await open(dialect)))
  afterEach(async () => {
    await Book.all().withDeleted().forceDelete()
    await Shelf.all().delete()
  })
  afterAll(() => database.close())

  const found = async (words: string) => (await Book.search(words).get()).map(({ title }) => title)

  test('all words, phrases, words that are not there, beginnings; whatever the case and accents', async () => {
    await Book.createMany([
      { title: 'Audi A4', body: 'A red car with diesel. It’s the best' },
      { title: 'Škoda Octavia', body: 'Red like an Audi A4; petrol, 100% électrique' },
      { title: 'VW T-Roc', body: null },
    ])
    const cases: Record<string, string[]> = {
      'RED audi': ['Audi A4', 'Škoda Octavia'],
      'red -diesel': ['Škoda Octavia'],
      '"red car"': ['Audi A4'],
      '"car red"': [],
      'red -"red car"': ['Škoda Octavia'],
      skoda: ['Škoda Octavia'],
      'ŠKODA ELECTRIQUE': ['Škoda Octavia'],
      'oct*': ['Škoda Octavia'],
      oct: [],
      't-roc': ['VW T-Roc'],
      'roc t': ['VW T-Roc'],
      a: ['Audi A4'],
      the: ['Audi A4'],
      'it’s': ['Audi A4'],
      '100%': ['Škoda Octavia'],
      '-audi': ['VW T-Roc'],
      '-audi -"t roc"': [],
      '"red car': ['Audi A4'],
      'red or audi*': [],
      'red OR (audi)': [],
      [`red ${'x'.repeat(200)}`]: [],
      [`roc -${'x'.repeat(200)}`]: ['VW T-Roc'],
    }
    for (const [words, titles] of Object.entries(cases)) expect([words, (await found(words)).sort()]).toEqual([words, titles])
    for (const nothing of ['', ' ', '-', '"', '* - " %']) expect(await Book.search(nothing).count()).toBe(3)
  })

  test('random searches find what an oracle in memory finds', async () => {
    const word = fc.constantFrom('a', 'A4', 'the', 'x', 'red', 'Red', 'rédé', 'car', 'cars', 'Škoda', 'v60', '3', 'привет', 'й')
    const sentence = fc.array(fc.tuple(word, fc.constantFrom(' ', ', ', '-', '. ', '_', '’', '/', '@')), { maxLength: 6 }).map((parts) => parts.flat().join(''))
    const rows: Words[] = fc.sample(fc.record({ title: sentence, author: sentence, body: fc.option(sentence) }), { numRuns: 120, seed: 7 })
    const books = await Book.createMany(rows)
    const indexOf = new Map(books.map(({ id }, index) => [id, index]))
    const part = fc.tuple(
      fc.constantFrom('', '', '-'),
      fc.oneof(
        word,
        word.map((one) => `${one.slice(0, 2)}*`),
        sentence.map((words) => `"${words}"`),
      ),
    )
    const asked = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.map(([sign, one]) => sign + one).join(' '))
    await fc.assert(
      fc.asyncProperty(asked, async (words) => {
        const expected = rows.flatMap((row, index) => (holds(row, words) ? [index] : []))
        const ranked = await Book.search(words).get()
        expect(ranked.map(({ id }) => indexOf.get(id) as number).sort((a, b) => a - b)).toEqual(expected)
        expect(await Book.whereSearch(words).count()).toBe(expected.length)
      }),
      { numRuns: dialect === 'sqlite' ? 250 : 120 },
    )
  })

  test('no text is an error, and none reaches further than its words', async () => {
    await Book.createMany([{ title: 'Audi A4' }, { title: 'Volvo' }])
    // Halves of surrogates among them.
    const units = fc.array(fc.oneof(fc.nat(0xffff), fc.nat(0x17f)), { maxLength: 12 }).map((units) => String.fromCharCode(...units))
    const piece = fc.oneof(
      units,
      fc.constantFrom(
        'audi',
        'AND',
        'NOT',
        'NEAR(',
        '"',
        "'",
        '*',
        '-',
        '+',
        '~',
        '<->',
        ':*',
        '@5',
        '(',
        ')',
        '\\',
        '\0',
        '{',
        'title:',
        '--',
        ';',
        '$1',
        '?',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.constantFrom('', ' '), async (pieces, between) => {
        const words = pieces.join(between)
        const total = await Book.whereSearch(words).count()
        expect((await Book.search(words).get()).length).toBe(total)
        if (wordsOf(words).length === 0) expect(total).toBe(2)
      }),
      { numRuns: dialect === 'sqlite' ? 200 : 100 },
    )
    await expect((async () => Book.search('x'.repeat(1_001)))()).rejects.toMatchObject({ code: 'SEARCH_TOO_LONG', status: 400 })
    await expect((async () => Book.search('x '.repeat(21)))()).rejects.toMatchObject({ code: 'SEARCH_TOO_LONG' })
  })

  test('the most relevant come first, unless an order is asked for', async () => {
    await Book.createMany([
      { title: 'About cars', body: 'There is one Volvo in it, among many other words about other makes and models of cars', pages: 3 },
      { title: 'Volvo', body: 'Nothing', pages: 2 },
      { title: 'Boats', body: 'Sails and Volvo, Volvo, Volvo', pages: 1 },
      { title: 'Trains', body: 'Rails', pages: 4 },
    ])
    expect(await found('volvo')).toEqual(['Volvo', 'Boats', 'About cars'])
    expect((await Book.search('volvo').orderBy('pages').get()).map(({ pages }) => pages)).toEqual([1, 2, 3])
    expect((await Book.query().orderBy('pages', 'desc').search('volvo').get()).map(({ pages }) => pages)).toEqual([3, 2, 1])
    expect((await Book.search('volvo').where('pages', '>', 1).first())?.title).toBe('Volvo')
    expect(await Book.search('volvo').distinct().pluck('pages')).toHaveLength(3)
    // What is found for another reason comes last.
    expect((await Book.search('volvo').orWhere('pages', 4).get()).map(({ title }) => title)).toEqual(['Volvo', 'Boats', 'About cars', 'Trains'])
    expect(
      (
        await Book.where((query) => query.whereSearch('rails').orWhere('pages', 1))
          .search('volvo')
          .get()
      ).map(({ title }) => title),
    ).toEqual(['Boats'])
  })

  test('pages of a search hold each record once, and cursors go with an order of columns', async () => {
    await Book.createMany(Array.from({ length: 25 }, (_, pages) => ({ title: pages < 22 ? 'Volvo' : 'Saab', pages })))
    const pages = await Promise.all([1, 2, 3].map((page) => Book.search('volvo').paginate({ page, perPage: 8 })))
    expect(pages[0]?.meta).toEqual({ page: 1, perPage: 8, total: 22, totalPages: 3 })
    expect(new Set(pages.flatMap(({ data }) => data.map(({ id }) => id))).size).toBe(22)
    const first = await Book.search('volvo').orderBy('pages').paginateByCursor({ perPage: 15 })
    const second = await Book.search('volvo')
      .orderBy('pages')
      .paginateByCursor({ perPage: 15, cursor: first.meta.next as string })
    expect([...first.data, ...second.data].map((book) => book.pages)).toEqual(Array.from({ length: 22 }, (_, at) => at))
    await expect(Book.search('volvo').paginateByCursor()).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
  })

  test('a search is a condition like others: in groups, scopes, relations and writes', async () => {
    await Shelf.createMany([
      { id: 1, name: 'cars' },
      { id: 2, name: 'boats' },
    ])
    await Book.createMany([
      { title: 'Volvo', shelfId: 1, pages: 1 },
      { title: 'Volvo and Saab', shelfId: 1, pages: 2 },
      { title: 'Sails', shelfId: 2, pages: 3 },
    ])
    const either = Book.where((query) => query.whereSearch('sails').orWhere((or) => or.whereSearch('saab')))
    expect(await either.count()).toBe(2)
    expect(
      await Book.query()
        .whereNot((query) => query.whereSearch('volvo'))
        .count(),
    ).toBe(1)
    expect(await Book.about('volvo').where('pages', 2).count()).toBe(1)
    expect((await Shelf.whereHas('books', (query) => query.whereSearch('volvo')).get()).map(({ name }) => name)).toEqual(['cars'])
    const [shelf] = await Shelf.with({ books: (query) => query.search('volvo').limit(1) })
      .orderBy('id')
      .get()
    expect(shelf?.books.map(({ title }) => title)).toEqual(['Volvo'])
    expect(await Book.search('volvo').sum('pages')).toBe(3)
    expect(await Book.search('volvo -saab').update({ pages: 9 })).toBe(1)
    expect(await Book.search('sails').delete()).toBe(1)
    expect([await Book.search('sails').count(), await Book.search('sails').withDeleted().count()]).toEqual([0, 1])
  })

  test('what is written, changed and deleted is found so', async () => {
    const book = await Book.create({ title: 'Volvo' })
    await book.update({ title: 'Saab', body: 'old' })
    expect([await Book.search('volvo').count(), await Book.search('saab old').count()]).toEqual([0, 1])
    await Book.where('title', 'Saab').update({ pages: 5 })
    await Book.upsert([{ id: book.id, title: 'Lada', body: null }], { by: ['id'], update: ['title', 'body'] })
    expect([await Book.search('saab').count(), await Book.search('lada').count()]).toEqual([0, 1])
    await book.forceDelete()
    expect(await Book.search('lada').withDeleted().count()).toBe(0)
    await Book.createMany([{ title: 'Fiat' }, { title: 'Seat' }, { title: 'Kia' }])
    await Book.where('title', 'Fiat').forceDelete()
    // Numbers of rows change then.
    if (dialect === 'sqlite') await database.db.script('vacuum')
    await Book.where('title', 'Kia').update({ title: 'Kia Ceed' })
    expect([await found('seat'), await found('kia'), await found('ceed'), await found('fiat')]).toEqual([['Seat'], ['Kia Ceed'], ['Kia Ceed'], []])
  })

  test('the index outlives changes of its table', async () => {
    await Book.create({ title: 'Volvo' })
    const schema = createSchema(liveTarget(overDatabase(database.db as ManagedDatabase)))
    // SQLite writes the table anew for it.
    await schema.alterColumn('books', 'pages', { default: 2 })
    await Book.create({ title: 'Volvo estate' })
    expect((await found('volvo')).length).toBe(2)
    await Book.where('title', 'Volvo').forceDelete()
    expect(await found('volvo')).toEqual(['Volvo estate'])
  })

  // InnoDB writes such a text out while it answers, and may find it a moment later.
  test('a text of a megabyte of different words is stored, and found by its beginning', async () => {
    const words = Array.from({ length: 150_000 }, (_, at) => at.toString(36)).join(' ')
    await Tome.create({ id: 1, body: `beginning ${words}` })
    await expect.poll(() => Tome.search('beginning 3e8').count()).toBe(1)
  })

  test('with a language words are found in their forms, where the database knows it', async () => {
    await Note.create({ id: 2, words: 'They run' })
    const forms = (await Note.search('runs').orderBy('id').get()).map(({ id }) => id)
    expect(forms).toEqual(dialect === 'mysql' ? [] : [1, 2])
    expect((await Note.search('running').orderBy('id').get())[0]?.id).toBe(1)
  })

  test('lists are searched by words: the most relevant first, the usual order for who asks for nothing', async () => {
    const list = listQuery(Book, { search: 'fullText', sort: ['pages'], defaultSort: '-pages' })
    const byCursor = listQuery(Book, { search: 'fullText', defaultSort: '-pages', paging: 'cursor' })
    await Book.createMany([
      { title: 'Trains', body: 'and a Volvo among very many other words', pages: 9 },
      { title: 'Volvo', pages: 2 },
      { title: 'Sails', pages: 5 },
    ])
    const ask = async (schema: typeof list | typeof byCursor, query: object) => {
      const result = await schema['~standard'].validate(query)
      if (result.issues !== undefined) return expect.unreachable()
      return (await result.value.apply(Book.query()).get()).map(({ pages }) => pages)
    }
    expect(await ask(list, { search: 'volvo' })).toEqual([2, 9])
    expect(await ask(list, { search: 'volvo', sort: '-pages' })).toEqual([9, 2])
    expect(await ask(list, { search: '-volvo' })).toEqual([5])
    expect(await ask(list, {})).toEqual([9, 5, 2])
    expect(await ask(byCursor, { search: 'volvo' })).toEqual([9, 2])
    await expect(ask(list, { search: 'x '.repeat(21) })).rejects.toMatchObject({ code: 'SEARCH_TOO_LONG', errors: [{ path: ['query', 'search'] }] })
    await expect(ask(list, { search: 'x'.repeat(1_001) })).rejects.toMatchObject({ code: 'FILTERS_TOO_MANY' })
    expect(list['~standard'].jsonSchema.input()).toMatchObject({
      properties: { search: { type: 'string', description: expect.stringContaining('title, author, body') } },
    })
  })

  test('an index that is not there is an error of the application', async () => {
    await database.db.script(`create table loose (id integer primary key, body ${dialect === 'mysql' ? 'longtext' : 'text'})`)
    class Loose extends Model('loose', { id: integer().primary(), body: text() }, { fullText: { columns: ['body'] } }) {}
    await expect(Loose.search('x').get()).rejects.toMatchObject({ code: 'QUERY_FAILED', status: 500 })
  })
})

test('a search of what cannot be searched is refused', () => {
  const columns = { id: integer().primary(), title: string(), secret: string().hidden(), pages: integer(), other: text() }
  const declare = (fullText: object) => definitionOf(class Wrong extends Model('wrong', columns, { fullText: fullText as never }) {}).fullText
  const wrong = (fullText: object) => expect(() => declare(fullText)).toThrow(expect.objectContaining({ code: 'FULL_TEXT_INVALID' }))
  wrong({ columns: [] })
  wrong({ columns: ['title', 'title'] })
  wrong({ columns: ['secret'] })
  wrong({ columns: ['pages'] })
  wrong({ columns: { title: 0 } })
  wrong({ columns: ['title'], language: "english'; drop" })
  expect(() => declare({ columns: ['titel'] })).toThrow(expect.objectContaining({ code: 'COLUMN_UNKNOWN' }))
  class Plain extends Model('plain', { id: integer().primary(), title: string() }) {}
  expect(() => Plain.search('x')).toThrow(expect.objectContaining({ code: 'FULL_TEXT_MISSING' }))
  expect(() => listQuery(Plain, { search: 'fullText' })['~standard'].jsonSchema.input()).toThrow(expect.objectContaining({ code: 'LIST_QUERY_INVALID' }))
  expect(() => Book.search(undefined as never)).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_UNDEFINED' }))
})
