import { Database, sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import fc from 'fast-check'
import { createRedactor, createSealing, Secret, type AuditEntry } from 'glueful'
import { beforeEach, describe, expect, test } from 'vitest'
import { authUnderTest, type AuthUnderTest } from '../testing/auth-under-test.fixture.ts'
import { firstHash, hashRow, type AuditRow } from './audit-chain.ts'
import { createAuditSeal } from './audit-seal.ts'
import { AuditTrail, createAuditTrail } from './audit-trail.ts'

const entry = (n: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: `user-${n % 3}`,
  action: n % 2 === 0 ? 'cars.created' : 'login.failed',
  target: `car:${n}`,
  result: 'ok',
  requestId: `r-${n}`,
  ip: '192.0.2.1',
  ...more,
})

await describeDialects(describe, (target) => {
  let it: AuthUnderTest
  let db: Database
  let trail: AuditTrail
  beforeEach(async () => {
    it = await authUnderTest(target)
    db = it.test.app.use(Database)
    trail = it.test.app.use(AuditTrail)
    return () => it[Symbol.asyncDispose]()
  })
  const write = async (count: number) => {
    for (let n = 1; n <= count; n++) await trail.record(entry(n, { before: { price: n }, after: { price: n + 1 } }))
  }

  test('entries say who, what, on what, before and after, how it ended, and follow each other', async () => {
    await write(3)
    const { items } = await trail.search({ target: 'car:2' })
    expect(items).toMatchObject([
      {
        actor: 'user-2',
        action: 'cars.created',
        target: 'car:2',
        before: '{"price":2}',
        after: '{"price":3}',
        result: 'ok',
        requestId: 'r-2',
        ip: '192.0.2.1',
      },
    ])
    const verified = await trail.verify()
    expect(verified.broken).toBeUndefined()
    expect(verified.entries).toBe((await trail.search()).items.length)
  })

  test('an entry is part of the transaction around it', async () => {
    const failing = db.transaction(async () => {
      await trail.record(entry(1))
      throw new RangeError('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect((await trail.search({ target: 'car:1' })).items).toEqual([])
    expect((await trail.verify()).broken).toBeUndefined()
  })

  test('writers at the same time write one chain, in the order of their commits', async () => {
    const writers = Array.from({ length: 12 }, (_, writer) => async () => {
      for (let n = 0; n < 4; n++) {
        const rolledBack = (writer + n) % 5 === 0
        const done = db.transaction(async () => {
          await trail.record(entry(writer * 10 + n, { action: 'race' }))
          if (rolledBack) throw new RangeError('given up')
        })
        if (rolledBack) await expect(done).rejects.toThrow('given up')
        else await done
      }
    })
    await Promise.all(writers.map((run) => run()))
    const { entries, broken } = await trail.verify()
    expect(broken).toBeUndefined()
    const seqs = (await trail.search({}, { limit: 500 })).items.map(({ seq }) => seq)
    expect(seqs).toEqual(Array.from({ length: entries }, (_, index) => entries - index))
    expect((await trail.search({ action: 'race' }, { limit: 500 })).items.length).toBe(39)
  })

  test('any one manipulation is found', { timeout: 60_000 }, async () => {
    await write(8)
    const rows: AuditRow[] = []
    for await (const row of trail.entries()) rows.push(row)
    const ends = await db.all<{ id: string; seq: number; hash: string; seal: string }>(sql`select id, seq, hash, seal from auth_audit_ends`)
    const at = fc.nat(rows.length - 1).map((index) => rows[index] as AuditRow)
    const edited = ['at', 'actor', 'action', 'target', 'was', 'became', 'result', 'request_id', 'ip', 'previous', 'hash'] as const
    const manipulation = fc.oneof(
      fc.record({ kind: fc.constant('edit'), row: at, field: fc.constantFrom(...edited) }),
      fc.record({ kind: fc.constant('edit and hash'), row: at }),
      fc.record({ kind: fc.constant('delete'), row: at }),
      fc.record({ kind: fc.constant('swap'), row: at, other: at }).filter(({ row, other }) => row.seq !== other.seq),
      fc.record({ kind: fc.constant('cut'), row: at }),
      fc.record({ kind: fc.constant('cut and head'), row: at }),
      fc.record({ kind: fc.constant('cut front and start'), row: at }),
      fc.record({ kind: fc.constant('insert'), row: at }),
    )
    type Manipulation = { kind: string; row: AuditRow; field?: (typeof edited)[number]; other?: AuditRow }

    async function manipulate({ kind, row, field = 'ip', other = row }: Manipulation): Promise<void> {
      const { seq } = row
      const previous = rows.find((one) => one.seq === seq - 1)
      if (kind === 'edit')
        await db.run(sql`update auth_audit set ${sql.id(field)} = ${field === 'at' ? row.at + 1 : field === 'result' ? 'denied' : 'x'} where seq = ${seq}`)
      if (kind === 'edit and hash') await db.run(sql`update auth_audit set ip = ${'x'}, hash = ${hashRow({ ...row, ip: 'x' })} where seq = ${seq}`)
      if (kind === 'delete') await db.run(sql`delete from auth_audit where seq = ${seq}`)
      if (kind.startsWith('cut') && !kind.includes('front')) await db.run(sql`delete from auth_audit where seq >= ${seq}`)
      if (kind === 'cut and head')
        await db.run(sql`update auth_audit_ends set seq = ${seq - 1}, hash = ${previous?.hash ?? '0'.repeat(64)} where id = ${'head'}`)
      if (kind === 'cut front and start') {
        await db.run(sql`delete from auth_audit where seq <= ${seq}`)
        await db.run(sql`update auth_audit_ends set seq = ${seq}, hash = ${row.hash} where id = ${'start'}`)
      }
      if (kind === 'swap') {
        await db.run(sql`update auth_audit set seq = ${-1} where seq = ${seq}`)
        await db.run(sql`update auth_audit set seq = ${seq} where seq = ${other.seq}`)
        await db.run(sql`update auth_audit set seq = ${other.seq} where seq = ${-1}`)
      }
      if (kind === 'insert') {
        const last = rows.at(-1) as AuditRow
        const content = { ...row, seq: last.seq + 1, previous: last.hash }
        await insert({ ...content, hash: hashRow(content) })
      }
    }

    async function insert({ seq, at: time, actor, action, target: on, before, after, result, requestId, ip, previous, hash }: AuditRow): Promise<void> {
      await db.run(sql`insert into auth_audit (seq, at, actor, action, target, was, became, result, request_id, ip, previous, hash)
        values (${seq}, ${time}, ${actor}, ${action}, ${on}, ${before}, ${after}, ${result}, ${requestId}, ${ip}, ${previous}, ${hash})`)
    }

    async function restore(): Promise<void> {
      await db.transaction(async () => {
        await db.run(sql`delete from auth_audit`)
        for (const row of rows) await insert(row)
        for (const { id, seq, hash, seal } of ends) await db.run(sql`update auth_audit_ends set seq = ${seq}, hash = ${hash}, seal = ${seal} where id = ${id}`)
      })
    }

    await fc.assert(
      fc.asyncProperty(manipulation, async (what) => {
        await manipulate(what)
        const { broken } = await trail.verify()
        await restore()
        expect(broken, JSON.stringify(what)).toBeDefined()
      }),
      { numRuns: target.dialect === 'sqlite' ? 150 : 40 },
    )
    expect((await trail.verify()).broken).toBeUndefined()
  })

  test('a log that was put back to an earlier state, seal and all, does not hold the anchor', async () => {
    await write(2)
    const ends = await db.all<{ id: string; seq: number; hash: string; seal: string }>(sql`select id, seq, hash, seal from auth_audit_ends`)
    await write(2)
    const { head } = await trail.verify()
    await db.run(sql`delete from auth_audit where seq > ${Number(ends.find(({ id }) => id === 'head')?.seq)}`)
    for (const { id, seq, hash, seal } of ends) await db.run(sql`update auth_audit_ends set seq = ${seq}, hash = ${hash}, seal = ${seal} where id = ${id}`)
    expect((await trail.verify()).broken).toBeUndefined()
    expect((await trail.verify(head)).broken).toMatchObject({ kind: 'anchor' })
  })

  test('nothing is added to a log whose head was moved, and so no change is made, until somebody has said so', async () => {
    await write(3)
    await db.run(sql`update auth_audit_ends set seq = ${2} where id = ${'head'}`)
    await expect(trail.record(entry(9))).rejects.toMatchObject({ code: 'AUDIT_HEAD_BROKEN' })
    await expect(trail.prune(Date.now())).rejects.toMatchObject({ code: 'AUDIT_HEAD_BROKEN' })
    await trail.reseal('restored from a copy')
    await trail.record(entry(10))
    expect((await trail.search({ action: 'audit.resealed' })).items[0]?.after).toContain('restored from a copy')
    expect((await trail.verify()).broken).toBeUndefined()
    await db.run(sql`delete from auth_audit_ends where id = ${'head'}`)
    await expect(trail.record(entry(11))).rejects.toMatchObject({ code: 'AUDIT_HEAD_BROKEN' })
    await db.run(sql`insert into auth_audit_ends (id, seq, hash, seal) values (${'head'}, ${0}, ${''}, ${''})`)
  })

  test('what is left after pruning can be verified, and says that it was pruned', async () => {
    await write(3)
    const old = await trail.verify()
    it.test.clock.advance(2 * 86_400_000)
    await trail.record(entry(4))
    expect(await trail.prune(it.test.clock.now() - 86_400_000)).toBe(old.entries)
    expect(await trail.prune(it.test.clock.now() - 86_400_000)).toBe(0)
    const { items } = await trail.search()
    expect(items.map(({ action }) => action)).toEqual(['audit.pruned', 'cars.created'])
    expect((await trail.verify()).broken).toBeUndefined()
    expect((await trail.verify(old.head)).broken).toBeUndefined()
    await db.run(sql`delete from auth_audit where seq = ${items[1]?.seq}`)
    expect((await trail.verify()).broken).toMatchObject({ kind: 'missing' })
  })

  test('after a change of APP_KEY pruning seals both ends anew, also where it deletes nothing, so that the old key can go', async () => {
    const under = (appKey: string, previous?: string) => {
      const keys = { appKey: new Secret(appKey), appPreviousKeys: previous === undefined ? undefined : new Secret(previous) }
      return createAuditTrail({ db, clock: it.test.clock, seal: createAuditSeal(createSealing(keys, 'production')), redact: createRedactor() })
    }
    // What the application wrote while it was set up is sealed under the key of tests.
    await db.run(sql`delete from auth_audit`)
    await db.run(sql`update auth_audit_ends set seq = ${0}, hash = ${firstHash}, seal = ${''}`)
    const old = under('the first key of the application')
    for (let n = 1; n <= 4; n++) await old.record(entry(n))
    it.test.clock.advance(1_000)
    await old.record(entry(5))
    expect(await old.prune(it.test.clock.now())).toBe(4)
    const both = under('the second key of the application', 'the first key of the application')
    expect(await both.prune(0)).toBe(0)
    const after = under('the second key of the application')
    expect(await after.verify()).toMatchObject({ entries: 2, broken: undefined })
    await after.record(entry(6))
    expect((await old.verify()).broken?.kind).toBe('start')
  })

  test('secrets are masked and texts of any length and kind are taken', async () => {
    await trail.record(
      entry(1, { actor: '\0'.repeat(300), target: `a\ud800${'x'.repeat(400)}`, after: { password: 'hunter2', nested: { apiKey: 'k-1' }, note: '\0' } }),
    )
    const { items } = await trail.search()
    expect(items[0]?.after).toBe('{"password":"[redacted]","nested":{"apiKey":"[redacted]"},"note":"\\u0000"}')
    expect((await trail.verify()).broken).toBeUndefined()
  })

  test('it is searched by actor, action, target, result, request, address and time, in pages', async () => {
    await write(6)
    const seqsOf = async (filter: Parameters<AuditTrail['search']>[0]) => (await trail.search(filter)).items.map(({ target: on }) => on)
    expect(await seqsOf({ actor: 'user-1', action: 'cars.created' })).toEqual(['car:4'])
    expect(await seqsOf({ action: 'login.*', actor: 'user-0' })).toEqual(['car:3'])
    expect(await seqsOf({ result: 'denied' })).toEqual([])
    expect(await seqsOf({ requestId: 'r-5' })).toEqual(['car:5'])
    expect([(await seqsOf({ ip: '192.0.2.1' })).length, await seqsOf({ ip: '192.0.2.2' })]).toEqual([6, []])
    const from = it.test.clock.now() + 1
    it.test.clock.advance(60_000)
    await trail.record(entry(7))
    expect(await seqsOf({ from })).toEqual(['car:7'])
    expect(await seqsOf({ to: from, target: 'car:6' })).toEqual(['car:6'])
    const first = await trail.search({ to: from, action: 'cars.*' }, { limit: 2 })
    const second = await trail.search({ to: from, action: 'cars.*' }, { limit: 2, before: first.next as number })
    expect([...first.items, ...second.items].map(({ target: on }) => on)).toEqual(['car:6', 'car:4', 'car:2'])
    expect(second.next).toBeUndefined()
  })
})
