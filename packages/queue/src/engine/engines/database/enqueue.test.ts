import { Database, database, sql } from '@glueful/database'
import { createApp } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { queue } from '../../../queue/queue-extension.ts'
import { createJobId } from '../../../job/job-id.ts'
import type { NewJob } from '../../stored-job.ts'
import { enqueueJobs } from './enqueue.ts'
import { statementsFor } from './statements.ts'

test('a unique job is stored when the one that had its key ends while it is being dispatched', async () => {
  const app = createApp({ name: 'race', routes: {}, extensions: [database(), queue({ jobs: [] })] })
  await using opened = await testApp(app)
  const db = opened.app.use(Database)
  const now = Math.round(opened.clock.now())
  const statements = statementsFor(db)
  const unique = { key: 'work:1', until: undefined, onConflict: 'existing' as const }
  const work = (): NewJob => ({
    id: createJobId(now),
    job: 'work',
    queue: 'default',
    payload: '',
    priority: 0,
    createdAt: now,
    runAt: now,
    tries: 3,
    keepMs: 0,
    unique,
  })
  const [first, second] = [work(), work()]
  await enqueueJobs({ database: db, statements, now: () => now }, [first])
  let ends = 0
  const insertUnless: typeof statements.insertUnless = async (row) => {
    await statements.insertUnless(row)
    // What the worker of the first one does at this moment.
    if (ends++ === 0) await statements.removeAll([first.id])
  }
  const dispatched = await enqueueJobs({ database: db, statements: { ...statements, insertUnless }, now: () => now }, [second])
  expect(dispatched).toEqual([{ id: second.id, outcome: 'queued' }])
  expect(await db.all(sql`select id from glueful_jobs`)).toEqual([{ id: second.id }])
})
