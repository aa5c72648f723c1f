import { Database, sql } from '@glueful/database'
import app, { Effect } from './app.ts'

// Writes an order and dispatches its job in one transaction, one after the other, until it is killed; every fifth is undone.
const here = app.with({ environment: 'test' })
await here.ready()
const db = here.use(Database)
for (let index = 0; ; index++) {
  await db
    .transaction(async () => {
      const { id } = await Effect.dispatch({ ms: 0 })
      await db.run(sql`insert into orders (job_id) values (${id})`)
      if (index % 5 === 4) throw new RangeError(id)
    })
    .catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error
      process.stdout.write(`${error.message}\n`)
    })
}
