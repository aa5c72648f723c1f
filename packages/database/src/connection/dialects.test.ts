import { describe, expect, test } from 'vitest'
import { sql } from '../sql/sql.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { afterCommit, transaction } from '../transaction/transaction.ts'

await describeDialects(describe, ({ dialect, open }) => {
  const notes = { sqlite: 'integer primary key', postgres: 'bigserial primary key', mysql: 'bigint primary key auto_increment' }[dialect]

  async function withTable(options = {}) {
    const database = await open(options)
    await database.db.script(`
      create table notes (id ${notes}, body varchar(50) unique, size bigint, parent bigint references notes (id), ok integer default 1 not null check (ok < 2)${dialect === 'mysql' ? ', foreign key (parent) references notes (id)' : ''});
      -- a comment; with a semicolon
      create table other (word varchar(20) default ';')
    `)
    return database
  }
  const words = async (db: Awaited<ReturnType<typeof withTable>>['db']) =>
    (await db.all<{ body: string }>(sql`select body from notes order by id`)).map(({ body }) => body)

  test('statements give rows as arrays, rows as objects, and numbers of rows', async () => {
    await using database = await withTable()
    const { db } = database
    expect(db.dialect).toBe(dialect)
    expect(await db.run(sql`insert into notes (body, size) values ('a', 1), ('b', ${2n ** 60n})`)).toEqual({ rowCount: 2 })
    const read = await db.execute('select body, size from notes order by id', [])
    expect(read).toMatchObject({
      columns: ['body', 'size'],
      rows: [
        ['a', 1],
        ['b', 2n ** 60n],
      ],
      rowCount: 2,
    })
    expect((await db.execute('select body, size from notes order by id', [])).columns).toBe(
      (await db.execute('select body, size from notes order by id', [])).columns,
    )
    expect(await db.first(sql`select body from notes where size = ${2n ** 60n}`)).toEqual({ body: 'b' })
    expect(await db.run(sql`update notes set size = 1`)).toEqual({ rowCount: 2 })
    expect(await db.all(sql`select body from notes where body in (${sql.join(['b', 'c'])})`)).toEqual([{ body: 'b' }])
  })

  test('values come back as they went in', async () => {
    await using database = await open()
    const { db } = database
    const types = {
      sqlite: { bool: 'integer', time: 'integer', json: 'text', bytes: 'blob', decimal: 'text', real: 'real' },
      postgres: { bool: 'boolean', time: 'timestamptz(3)', json: 'jsonb', bytes: 'bytea', decimal: 'numeric(20,2)', real: 'double precision' },
      mysql: { bool: 'boolean', time: 'datetime(3)', json: 'json', bytes: 'longblob', decimal: 'decimal(20,2)', real: 'double' },
    }[dialect]
    await db.script(
      `create table kinds (yes ${types.bool}, at ${types.time}, doc ${types.json}, raw ${types.bytes}, amount ${types.decimal}, part ${types.real}, blank varchar(5))`,
    )
    const at = new Date('2026-03-29T01:30:00.123Z')
    await db.run(sql`insert into kinds values (${true}, ${at}, ${'{"a":[1,null]}'}, ${new Uint8Array([0, 255])}, ${'12345678901234567.50'}, ${0.1}, ${null})`)
    const row = await db.first(sql`select * from kinds`)
    const plain = dialect === 'sqlite'
    expect(row).toEqual({
      yes: dialect === 'postgres' ? true : 1,
      at: plain ? at.getTime() : at,
      doc: plain ? '{"a":[1,null]}' : { a: [1, null] },
      raw: expect.any(Uint8Array),
      amount: '12345678901234567.50',
      part: 0.1,
      blank: null,
    })
    expect(Array.from(row?.['raw'] as Uint8Array)).toEqual([0, 255])
    const raw = (await db.execute('select at from kinds', [])).rows[0]?.[0]
    expect(typeof raw).toBe(plain ? 'number' : 'string')
    expect(await db.first(sql`select part from kinds where at = ${at}`)).toEqual({ part: 0.1 })
  })

  test('what a table refuses is a typed error', async () => {
    await using database = await withTable()
    const { db } = database
    await db.run(sql`insert into notes (body) values ('a')`)
    await expect(db.run(sql`insert into notes (body) values ('a')`)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION', status: 409 })
    await expect(db.run(sql`insert into notes (parent) values (99)`)).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION', status: 409 })
    await expect(db.run(sql`insert into notes (ok) values (${null})`)).rejects.toMatchObject({ code: 'NOT_NULL_VIOLATION', status: 422 })
    await expect(db.run(sql`insert into notes (ok) values (7)`)).rejects.toMatchObject({ code: 'CHECK_VIOLATION', status: 422 })
    await expect(db.all(sql`select * from nowhere`)).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      detail: expect.stringMatching(/nowhere.*\. glueful migrate status tells which/),
    })
    await expect(db.all(sql`select missing from notes`)).rejects.toMatchObject({ detail: expect.stringContaining('glueful migrate status') })
    await expect(db.all(sql`select 1 from notes where`)).rejects.toMatchObject({ detail: expect.not.stringContaining('glueful migrate') })
    await expect(db.all(sql`select ${{ a: 1 }}`)).rejects.toMatchObject({ code: 'SQL_VALUE_UNSUPPORTED' })
    await expect(db.all(sql`select ${'\ud800'}`)).rejects.toMatchObject({ code: 'SQL_TEXT_INVALID', status: 400 })
    await expect((async () => db.execute('select 1; select 2', []))()).rejects.toMatchObject({
      code: expect.stringMatching(/^(SQL_STATEMENTS_SEVERAL|QUERY_FAILED)$/),
    })
    if (dialect !== 'sqlite')
      await expect(db.run(sql`insert into notes (size) values (${'no number'})`)).rejects.toMatchObject({ code: 'VALUE_REJECTED', status: 422 })
    expect(await words(db)).toEqual(['a'])
  })

  test('transactions commit, roll back and nest', async () => {
    await using database = await withTable()
    const { db } = database
    const calls: string[] = []
    const write = (body: string) => db.run(sql`insert into notes (body) values (${body})`)
    await db.transaction(async () => {
      afterCommit(() => void calls.push('committed'))
      await write('a')
      await expect(db.transaction(async () => (await write('b'), await write('a')))).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
      await Promise.all([write('c'), write('d'), transaction(async () => void (await write('e')))])
      expect(calls).toEqual([])
    })
    await expect(transaction(async () => (await write('f'), Promise.reject(new RangeError('no'))))).rejects.toThrow('no')
    expect((await words(db)).sort()).toEqual(['a', 'c', 'd', 'e'])
    expect(calls).toEqual(['committed'])
  })

  test('others see nothing before the commit', async () => {
    await using database = await withTable()
    const { db } = database
    const { promise: written, resolve: tellWritten } = Promise.withResolvers<void>()
    const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>()
    const first = transaction(async () => {
      await db.run(sql`insert into notes (body) values ('inside')`)
      tellWritten()
      await goOn
    })
    await written
    expect(await words(db)).toEqual([])
    letGoOn()
    await first
    expect(await words(db)).toEqual(['inside'])
  })

  test("isolation levels and read-only transactions are the database's own", async () => {
    await using database = await withTable()
    const { db } = database
    for (const isolation of ['read committed', 'repeatable read', 'serializable'] as const) {
      await transaction(() => db.run(sql`insert into notes (body) values (${isolation})`), { isolation })
    }
    await transaction(
      async () => {
        expect(await words(db)).toHaveLength(3)
        await expect(db.run(sql`delete from notes`)).rejects.toMatchObject({ code: 'TRANSACTION_READ_ONLY' })
      },
      { readOnly: true },
    )
    if (dialect === 'sqlite') return
    const hidden = transaction(async () => void (await db.execute('delete from notes', [], { writes: false })), { readOnly: true })
    await expect(hidden).rejects.toMatchObject({ code: 'TRANSACTION_READ_ONLY' })
  })

  test('rows come in batches, inside and outside of a transaction, and the connection is free when one stops early', async () => {
    await using database = await withTable({ poolMax: 1, acquireTimeout: 1_000 })
    const { db } = database
    const list = Array.from({ length: 25 }, (_, index) => sql`(${`note ${index}`})`)
    await db.run(sql`insert into notes (body) values ${sql.join(list)}`)
    const read = async (most = Infinity) => {
      const sizes: number[] = []
      for await (const { rows, columns } of db.batches('select id, body from notes order by id', [], 10)) {
        expect(columns).toEqual(['id', 'body'])
        if (sizes.push(rows.length) >= most) break
      }
      return sizes
    }
    expect(await read()).toEqual([10, 10, 5])
    expect(await read(1)).toEqual([10])
    expect(await transaction(async () => await read())).toEqual([10, 10, 5])
    expect(await db.first(sql`select count(*) as count from notes`)).toEqual({ count: 25 })
    const nowhere = db.batches('select * from nowhere', [])[Symbol.asyncIterator]()
    await expect(nowhere.next()).rejects.toMatchObject({ code: 'QUERY_FAILED' })
    expect(await words(db)).toHaveLength(25)
  })

  test('a write that fails in a caught way leaves the transaction to its database', async () => {
    await using database = await withTable()
    const { db } = database
    const caught = transaction(async () => {
      await db.run(sql`insert into notes (body) values ('a')`)
      await db.run(sql`insert into notes (body) values ('a')`).catch(() => undefined)
    })
    // PostgreSQL gives up the whole transaction, and says so instead of seeming to commit.
    if (dialect === 'postgres') await expect(caught).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' })
    else await caught
    expect(await words(db)).toEqual(dialect === 'postgres' ? [] : ['a'])
  })

  test('a pool that is exhausted answers 503 in time', async () => {
    await using database = await withTable({ poolMax: 2, acquireTimeout: 150 })
    const { db } = database
    const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>()
    const holders = [1, 2].map(() => transaction(async () => void (await db.all(sql`select 1`), await goOn)).catch(() => 'refused'))
    const refused = await transaction(() => Promise.resolve()).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'DATABASE_BUSY', status: 503, headers: ['retry-after', '1'] })
    letGoOn()
    await Promise.all(holders)
    expect(await transaction(() => Promise.resolve('free'))).toBe('free')
  })
})
