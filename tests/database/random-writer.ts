// A program of its own: writes until it is killed, and says on standard output what was acknowledged.
import { currentDatabase, sql, transaction } from '@glueful/database'
import { openTestDatabase } from '../../packages/database/src/testing/open-test-database.ts'
import { addBooted } from '../../packages/database/src/connection/databases.ts'

const [url = '', seed = '1'] = process.argv.slice(2)
let state = Number(seed) >>> 0 || 1
/** xorshift32, so that a run can be repeated. */
function random(below: number): number {
  state ^= state << 13
  state >>>= 0
  state ^= state >>> 17
  state ^= state << 5
  state >>>= 0
  return state % below
}

const databases = await openTestDatabase(url)
addBooted(databases)
const db = currentDatabase()

for (let id = 1; id <= 500; id++) {
  const lines = random(4)
  await transaction(async () => {
    await db.run(sql`insert into orders (id, line_count) values (${id}, ${0})`)
    for (let line = 0; line < lines; line++) {
      await db.run(sql`insert into order_lines (id, order_id) values (${id * 10 + line}, ${id})`)
      await db.run(sql`update orders set line_count = line_count + 1 where id = ${id}`)
    }
    if (random(5) === 0) await transaction(() => db.run(sql`insert into order_lines (id, order_id) values (1, 999999)`)).catch(() => undefined)
  })
  if (random(10) === 0) await db.run(sql`insert into events (id) values (${id})`)
  else await db.run(sql`update totals set amount = amount + ${1}`)
  process.stdout.write(`${id} ${lines}\n`)
}
await databases.stop()
