import { Database, database, sql } from '@glueful/database'
import { job, queue } from '@glueful/queue'
import { createApp } from 'glueful'
import { z } from 'zod'

/** Notes its id in the transaction of its settlement; how long that takes is the dispatcher's to say. */
export const Effect = job(
  'effect',
  { payload: z.object({ ms: z.number() }), transactional: true, tries: 1_000, backoff: 'fixed' },
  async ({ payload, id, use }) => {
    const db = use(Database)
    await db.run(sql`insert into effects (job_id, at) values (${id}, ${Date.now()})`)
    await new Promise((resolve) => void setTimeout(resolve, payload.ms))
  },
)

export default createApp({ name: 'queue-chaos', routes: {}, extensions: [database(), queue({ jobs: { Effect } })] })
