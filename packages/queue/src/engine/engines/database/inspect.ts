import { sql, type Database, type Sql } from '@glueful/database'
import type { JobFilter } from '../../engine.ts'
import type { JobRecord } from '../../stored-job.ts'
import { recordColumns, toRecord } from './job-row.ts'

const columns = sql.join(recordColumns.map((name) => sql.id(name)))

export async function findJob(database: Database, id: string): Promise<JobRecord | undefined> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) return undefined
  return (await select(database, sql`where id = ${id}`))[0]
}

/** By id, which is the order of dispatch. */
export async function listJobs(database: Database, { queue, job, state, tag, after, limit = 100 }: JobFilter): Promise<JobRecord[]> {
  const conditions: Sql[] = []
  if (queue !== undefined) conditions.push(sql`queue = ${queue}`)
  if (job !== undefined) conditions.push(sql`job = ${job}`)
  if (state !== undefined) conditions.push(sql`state = ${state}`)
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
