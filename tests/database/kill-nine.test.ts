import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sql } from '@glueful/database'
import { describeDialects, testDatabase } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'

const writer = fileURLToPath(new URL('./random-writer.ts', import.meta.url))

await describeDialects(describe, ({ dialect }) => {
  test('what a process had acknowledged when it was killed is there, and nothing half', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 2; round++) {
      await using place = await testDatabase(dialect)
      const { db } = place
      await db.script(`
        create table orders (id integer primary key, line_count integer not null);
        create table order_lines (id integer primary key, order_id integer not null, foreign key (order_id) references orders (id));
        create table events (id integer primary key);
        create table totals (amount integer not null)
      `)
      await db.run(sql`insert into totals values (0)`)
      const seed = Math.floor(Math.random() * 2 ** 32)
      const after = 50 + (seed % 350)
      process.stdout.write(`kill -9 on ${dialect} after ${after} writes: seed ${seed}\n`)

      const child = spawn(process.execPath, ['--conditions=glueful-source', writer, place.url, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] })
      const exited = once(child, 'exit')
      const acknowledged = new Map<number, number>()
      for await (const line of createInterface({ input: child.stdout })) {
        const [id = 0, lines = 0] = line.split(' ').map(Number)
        acknowledged.set(id, lines)
        if (acknowledged.size === after) child.kill('SIGKILL')
      }
      expect(await exited).toEqual([null, 'SIGKILL'])

      const orders = await db.all<{ id: number; line_count: number }>(sql`select id, line_count from orders`)
      const counted = await db.all<{ id: number; found: number }>(
        sql`select o.id as id, count(l.id) as found from orders o left join order_lines l on l.order_id = o.id group by o.id`,
      )
      const lost = [...acknowledged].filter(([id, lines]) => orders.find((order) => order.id === id)?.line_count !== lines)
      expect(lost).toEqual([])
      expect(new Map(counted.map(({ id, found }) => [id, found]))).toEqual(new Map(orders.map(({ id, line_count }) => [id, line_count])))
      // At most the one write that was under way is there beyond what was acknowledged.
      expect(orders.length - acknowledged.size).toBeLessThanOrEqual(20)
      expect(await db.first(sql`select count(*) as orphans from order_lines where order_id not in (select id from orders)`)).toEqual({ orphans: 0 })
      if (dialect === 'sqlite') {
        expect(await db.all(sql`select * from pragma_integrity_check`)).toEqual([{ integrity_check: 'ok' }])
        expect(await db.all(sql`select * from pragma_foreign_key_check`)).toEqual([])
      }
    }
  })
})
