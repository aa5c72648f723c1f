import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { addBooted, removeBooted } from '../connection/databases.ts'
import type { OpenDatabases } from '../extension/open-databases.ts'
import { sql } from '../sql/sql.ts'
import { openTestDatabase } from '../testing/open-test-database.ts'
import { outsideTransaction } from './scope.ts'
import { afterCommit, afterRollback, inTransaction, transaction } from './transaction.ts'

const folder = mkdtempSync(join(tmpdir(), 'glueful-transaction-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let databases: OpenDatabases
let files = 0
beforeEach(async () => {
  databases = await openTestDatabase(`sqlite:${folder}/${++files}.sqlite`, { acquireTimeout: 200 })
  await databases.default.script('create table log (id integer primary key, word text)')
  addBooted(databases)
})
afterEach(async () => {
  removeBooted(databases)
  await databases.stop()
})

const write = (word: string) => databases.default.run(sql`insert into log (word) values (${word})`)
const words = async () => (await databases.default.all<{ word: string }>(sql`select word from log order by id`)).map(({ word }) => word)
const broken = () => Promise.reject(new RangeError('broken'))

test('a transaction commits with its result, or rolls back and throws what was thrown', async () => {
  expect(await transaction(async () => (await write('a'), 'done'))).toBe('done')
  await expect(transaction(async () => (await write('b'), broken()))).rejects.toThrow(RangeError)
  expect(await words()).toEqual(['a'])
  expect(inTransaction()).toBe(false)
})

test('a nested transaction may fail on its own', async () => {
  await transaction(async () => {
    await write('a')
    await expect(transaction(async () => (await write('b'), broken()))).rejects.toThrow('broken')
    await transaction(async () => {
      await write('c')
      await expect(transaction(async () => (await write('d'), broken()))).rejects.toThrow('broken')
    })
  })
  expect(await words()).toEqual(['a', 'c'])
})

test('others see nothing before the commit, and their writes wait', async () => {
  const { promise: written, resolve: tellWritten } = Promise.withResolvers<void>()
  const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>()
  const first = transaction(async () => {
    await write('inside')
    tellWritten()
    await goOn
  })
  await written
  expect(await words()).toEqual([])
  const other = write('outside')
  letGoOn()
  await Promise.all([first, other])
  expect(await words()).toEqual(['inside', 'outside'])
})

test('a write that waits too long for a transaction is refused with 503', async () => {
  const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>()
  const first = transaction(() => goOn)
  await expect(write('outside')).rejects.toMatchObject({ code: 'DATABASE_BUSY', status: 503, headers: ['retry-after', '1'] })
  letGoOn()
  await first
})

test('savepoints of parallel flows do not mix, and statements keep out of them', async () => {
  await transaction(async () => {
    const results = await Promise.allSettled([
      transaction(async () => (await write('a'), await new Promise((resolve) => void setImmediate(resolve)), await broken())),
      transaction(async () => (await write('b'), await write('c'))),
      write('d'),
      transaction(async () => void (await write('e'))),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  })
  expect((await words()).sort()).toEqual(['b', 'c', 'd', 'e'])
})

test('a statement that its own savepoint waits for is given up, not waited for without end', async () => {
  await transaction(async () => {
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>()
    const { promise: refused, resolve: tellRefused } = Promise.withResolvers<unknown>()
    const nested = transaction(async () => {
      enter()
      expect(await refused).toMatchObject({ code: 'DATABASE_BUSY' })
    })
    await entered
    write('outer').catch(tellRefused)
    await nested
  })
  expect(await words()).toEqual([])
})

test('a query that outlives its transaction is refused instead of running outside of it', async () => {
  const { promise: late, resolve: letRun } = Promise.withResolvers<void>()
  let stray: Promise<unknown> | undefined
  await transaction(async () => {
    stray = late.then(() => write('stray'))
  })
  letRun()
  await expect(stray).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' })
  expect(await words()).toEqual([])
})

test('statements under way are part of the transaction even when nobody awaits them', async () => {
  await transaction(async () => {
    void transaction(async () => void (await write('nested')))
    void write('plain')
  })
  expect(await words()).toEqual(['nested', 'plain'])
})

test('work outside of the transaction stays when it is rolled back', async () => {
  const inMemory = await openTestDatabase('sqlite::memory:')
  await inMemory.stop()
  await expect(
    transaction(async () => {
      expect(inTransaction()).toBe(true)
      expect(await outsideTransaction(words)).toEqual([])
      outsideTransaction(() => expect(inTransaction()).toBe(false))
      await write('a')
      expect(await words()).toEqual(['a'])
      expect(await outsideTransaction(words)).toEqual([])
      await broken()
    }),
  ).rejects.toThrow('broken')
})

test('callbacks come after the outermost commit, with those of savepoints that were released only', async () => {
  const calls: string[] = []
  await transaction(async () => {
    afterCommit(() => void calls.push('outer'))
    afterRollback(() => void calls.push('never'))
    await transaction(async () => afterCommit(async () => void calls.push(`nested, seeing ${(await words()).join()}`)))
    await transaction(async () => {
      afterCommit(() => void calls.push('never'))
      afterRollback(() => void calls.push('savepoint rolled back'))
      await broken()
    }).catch(() => undefined)
    await write('a')
    expect(calls).toEqual(['savepoint rolled back'])
  })
  expect(calls).toEqual(['savepoint rolled back', 'outer', 'nested, seeing a'])
})

test('after a rollback only its callbacks come', async () => {
  const calls: string[] = []
  const failing = transaction(async () => {
    afterCommit(() => void calls.push('never'))
    await transaction(async () => afterRollback(() => void calls.push('nested')))
    afterRollback(() => void calls.push('outer'))
    await broken()
  })
  await expect(failing).rejects.toThrow('broken')
  expect(calls).toEqual(['nested', 'outer'])
})

test('a callback that fails does not undo what is committed, nor keep the others', async () => {
  const calls: string[] = []
  await transaction(async () => {
    afterCommit(() => broken())
    afterCommit(() => void calls.push('next'))
    await write('a')
  })
  expect(calls).toEqual(['next'])
  expect(await words()).toEqual(['a'])
})

test('without a transaction afterCommit calls at once, and afterRollback never', () => {
  const calls: string[] = []
  afterCommit(() => void calls.push('at once'))
  afterRollback(() => void calls.push('never'))
  expect(calls).toEqual(['at once'])
})

test('a read-only transaction reads one snapshot and refuses writes', async () => {
  await transaction(
    async () => {
      expect(await words()).toEqual([])
      await outsideTransaction(() => write('meanwhile'))
      expect(await words()).toEqual([])
      await expect(write('inside')).rejects.toMatchObject({ code: 'TRANSACTION_READ_ONLY' })
    },
    { readOnly: true },
  )
  expect(await words()).toEqual(['meanwhile'])
})

test('a nested transaction has no isolation of its own', async () => {
  const nested = transaction(() => transaction(() => Promise.resolve(), { isolation: 'serializable' }))
  await expect(nested).rejects.toMatchObject({ code: 'TRANSACTION_OPTIONS_NESTED' })
})

test('without an application there is no database to find', async () => {
  removeBooted(databases)
  expect(() => transaction(() => Promise.resolve())).toThrow(expect.objectContaining({ code: 'DATABASE_NOT_READY' }))
  addBooted(databases)
})

test('batches that are read on after the end of their transaction are refused, not read on a connection of others', async () => {
  const batches = await transaction(async () => {
    for (const word of ['a', 'b', 'c']) await write(word)
    const begun = databases.default.batches('select word from log order by id', [], 1)[Symbol.asyncIterator]()
    expect(((await begun.next()).value as { rows: unknown }).rows).toEqual([['a']])
    return begun
  })
  await expect(batches.next()).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' })
})
