import { sql, type Database, type Sql } from '@glueful/database'
import type { JobFilter } from '../../engine.ts'
import type { JobRecord, JobState } from '../../stored-job.ts'
import { recordColumns, toRecord } from './job-row.ts'

const columns = sql.join(recordColumns.map((name) => sql.id(name)))

export async function findJob(database: Database, id: string): Promise<JobRecord | undefined> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) return undefined
  return (await select(database, sql`where id = ${id}`))[0]
}

/** What the index of a state is found by. */
const inState = (state: JobState) => {
  if (state === 'grouped') return sql`group_key is not null and state = 'grouped'`
  return state === 'done' || state === 'cancelled' ? sql`expires_at is not null and state = ${sql.raw(`'${state}'`)}` : sql`state = ${sql.raw(`'${state}'`)}`
}
/** Jobs of a state that are sorted rather than met on the way through all that are stored. */
const few = 1_000

/** By id, which is the order of dispatch. */
export async function listJobs(database: Database, { queue, job, state, tag, after, limit = 100 }: JobFilter): Promise<JobRecord[]> {
  const conditions: Sql[] = []
  if (queue !== undefined) conditions.push(sql`queue = ${queue}`)
  if (job !== undefined) conditions.push(sql`job = ${job}`)
  if (state !== undefined) {
    const own = queue === undefined ? inState(state) : sql`${inState(state)} and queue = ${queue}`
    const some = await database.all<{ id: string }>(sql`select id from glueful_jobs where ${own} limit ${few + 1}`)
    if (some.length === 0) return []
    // Where there are many, the way through all of them meets enough soon.
    if (some.length <= few) conditions.push(sql`id in (${sql.join(some.map(({ id }) => id))})`)
    conditions.push(inState(state))
  }
  if (after !== undefined) conditions.push(sql`id > ${after}`)
  if (tag !== undefined) conditions.push(sql`meta like ${`%"tags":[%${JSON.stringify(tag).replace(/[\\%_]/g, String.raw`\$&`)}%`}`)
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`
  const rows = await select(database, sql`${where} order by id limit ${Math.min(Math.max(1, limit), 1_000)}`)
  return tag === undefined ? rows : rows.filter(({ meta }) => meta.tags?.includes(tag))
}

async function select(database: Database, rest: Sql): Promise<JobRecord[]> {
  const rows = await database.all<Record<string, unknown>>(sql`select ${columns} from glueful_jobs ${rest}`)
  return rows.map((row) => toRecord(recordColumns.map((name) => row[name])))
}
