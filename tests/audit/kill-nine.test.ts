import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { auth, AuditTrail } from '@glueful/auth'
import { database, sql } from '@glueful/database'
import { describeDialects, testDatabase } from '@glueful/database/testing'
import { createApp } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { describe, expect, test } from 'vitest'

const writer = fileURLToPath(new URL('./audit-writer.ts', import.meta.url))
const noUsers = { findByLogin: async () => undefined, findById: async () => undefined, updatePasswordHash: async () => undefined }

await describeDialects(describe, ({ dialect }) => {
  test('killed while they write, processes leave a whole chain, with one entry for each change', { timeout: 60_000 }, async () => {
    await using place = await testDatabase(dialect)
    const { db, url } = place
    await db.script('create table cars (id integer primary key)')
    const app = createApp({ name: 'shop', extensions: [database(), auth({ users: noUsers })], routes: {} }).with({
      environment: 'test',
      env: { DATABASE_URL: url },
      logDestination: createMemoryDestination(),
    })
    try {
      await app.ready()
      const acknowledged = new Set<number>()
      const killed = [30, 55].map(async (after, process_) => {
        const child = spawn(process.execPath, ['--conditions=glueful-source', writer, url, String(process_ * 1_000_000)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        const exited = once(child, 'exit')
        let count = 0
        for await (const line of createInterface({ input: child.stdout })) {
          acknowledged.add(Number(line))
          if (++count === after) child.kill('SIGKILL')
        }
        expect(await exited).toEqual([null, 'SIGKILL'])
      })
      await Promise.all(killed)
      const trail = app.use(AuditTrail)
      expect((await trail.verify()).broken).toBeUndefined()
      const audited: string[] = []
      for await (const { target } of trail.entries({ action: 'car.created' })) audited.push(target as string)
      const cars = (await db.all<{ id: number }>(sql`select id from cars`)).map(({ id }) => `car:${id}`)
      expect(new Set(audited)).toEqual(new Set(cars))
      expect(audited.length).toBe(cars.length)
      expect([...acknowledged].filter((id) => !cars.includes(`car:${id}`))).toEqual([])
      await trail.record({ actor: null, action: 'after', target: null, result: 'ok', requestId: null, ip: null })
      expect((await trail.verify()).broken).toBeUndefined()
    } finally {
      await app.close()
    }
  })
})
