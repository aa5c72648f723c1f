import type { Database } from '@glueful/database'
import type { Delivery } from '../../engine.ts'
import { deliveryColumns, insertColumns, inOrder, toDelivery, type JobRow } from './job-row.ts'
import type { ClaimFrom, JobStatements, Proof } from './statements.ts'

const casts: Readonly<Record<(typeof insertColumns)[number], string>> = {
  id: 'uuid',
  queue: 'text',
  job: 'text',
  state: 'text',
  sort_order: 'integer',
  run_at: 'bigint',
  created_at: 'bigint',
  attempts: 'integer',
  tries: 'integer',
  crashes: 'integer',
  keep_ms: 'bigint',
  waits: 'integer',
  dependents: 'integer',
  cancel_asked: 'integer',
  payload: 'text',
  meta: 'text',
  group_key: 'text',
  unique_key: 'text',
  unique_until: 'bigint',
  batch_id: 'uuid',
  failures: 'text',
}

const columns = insertColumns.join(', ')
// One text for any number of rows: it is prepared once.
const insertMany = `insert into glueful_jobs (${columns}) select * from unnest(${insertColumns.map((name, index) => `$${index + 1}::${casts[name]}[]`).join(', ')})`
// Jobs that are dispatched together mostly differ in few columns; the others are sent once.
const differing = ['id', 'payload', 'meta'] as const
const positions = differing.map((name) => insertColumns.indexOf(name))
const insertAlike = `insert into glueful_jobs (${columns}) select ${insertColumns
  .map((name, index) => ((differing as readonly string[]).includes(name) ? `u.${name}` : `$${index + 1}::${casts[name]}`))
  .join(
    ', ',
  )} from unnest(${positions.map((index) => `$${index + 1}::${casts[insertColumns[index] as keyof typeof casts]}[]`).join(', ')}) u(${differing.join(', ')})`
const insertOne = `insert into glueful_jobs (${columns}) values (${insertColumns.map((name, index) => `$${index + 1}::${casts[name]}`).join(', ')})`

const returned = deliveryColumns.map((name) => `j.${name}`).join(', ')
const notPaused = 'not exists (select 1 from glueful_queues q where q.queue = $1 and q.paused = 1)'
const picked = (where: string) =>
  `picked as materialized (select id from glueful_jobs where ${where} and ${notPaused} order by sort_order, id limit $2 for update skip locked)`
const claimed = `update glueful_jobs j set state = 'active', claim = $3, worker = $4, started_at = $5, attempts = attempts + 1 from picked where j.id = picked.id returning ${returned}`
const claimText = {
  waiting: `with ${picked(`queue = $1 and state = 'waiting'`)} ${claimed}`,
  suspect: `with ${picked(`queue = $1 and state = 'suspect'`)} ${claimed}`,
}
const claimGroupText = `with ${picked(`queue = $1 and group_key = $6 and state = 'grouped'`)} ${claimed}`
const proven = 'j.id = s.id and j.claim = s.claim'
const removeText = `delete from glueful_jobs j using unnest($1::uuid[], $2::text[]) s(id, claim) where ${proven} and j.dependents = 0 returning j.id`
const nothing = deliveryColumns
  .slice(1)
  .map((name) => `null::${casts[name]} as ${name}`)
  .join(', ')
// Deleting and claiming touch different rows, so that one statement, and one commit, may do both.
const removeAndClaimText = `with removed as (delete from glueful_jobs j using unnest($6::uuid[], $7::text[]) s(id, claim) where ${proven} and j.dependents = 0 returning j.id),
${picked(`queue = $1 and state = 'waiting'`)}, claimed as (${claimed})
select ${deliveryColumns.join(', ')} from claimed union all select id, ${nothing} from removed`
const lockText = `select j.id, j.dependents from glueful_jobs j join unnest($1::uuid[], $2::text[]) s(id, claim) on ${proven} order by j.id for update of j`
const promoteText = `with due as materialized (select id from glueful_jobs where state = 'delayed' and run_at <= $1 order by run_at limit $2 for update skip locked)
update glueful_jobs j set state = case when j.group_key is null then 'waiting' else 'grouped' end from due where j.id = due.id returning j.queue`

function areAlike(rows: readonly JobRow[]): boolean {
  const first = rows[0] as JobRow
  return rows.every((row) => row.every((value, index) => value === first[index] || positions.includes(index)))
}

export function postgresStatements(database: Database): JobStatements {
  const claimParams = ({ queue, limit, claim, worker, now }: Omit<ClaimFrom, 'state'>) => [queue, limit, claim, worker, now]
  const deliveriesOf = (rows: readonly unknown[][], claim: string): Delivery[] => inOrder(rows.map((row) => toDelivery(row, claim)))
  const split = (proofs: readonly Proof[]) => [proofs.map(({ id }) => id), proofs.map(({ claim }) => claim)]
  return {
    insert: async (rows) => {
      if (rows.length === 1) await database.execute(insertOne, rows[0] as JobRow)
      else if (areAlike(rows))
        await database.execute(
          insertAlike,
          insertColumns.map((_, index) => (positions.includes(index) ? rows.map((row) => row[index] as string | null) : ((rows[0] as JobRow)[index] ?? null))),
        )
      else
        await database.execute(
          insertMany,
          insertColumns.map((_, index) => rows.map((row) => row[index] as string | number | null)),
        )
    },
    insertUnless: async (row) => void (await database.execute(`${insertOne} on conflict (unique_key) where unique_key is not null do nothing`, row)),
    claim: async (from) => deliveriesOf((await database.execute(claimText[from.state], claimParams(from))).rows, from.claim),
    claimGroup: async (from) => deliveriesOf((await database.execute(claimGroupText, [...claimParams(from), from.group])).rows, from.claim),
    removeDone: async (proofs) => new Set((await database.execute(removeText, split(proofs))).rows.map((row) => row[0] as string)),
    removeDoneAndClaim: async (proofs, from) => {
      const { rows } = await database.execute(removeAndClaimText, [...claimParams(from), ...split(proofs)])
      const removed = new Set<string>()
      const given: unknown[][] = []
      for (const row of rows) {
        if (row[1] === null) removed.add(row[0] as string)
        else given.push(row)
      }
      return { removed, deliveries: deliveriesOf(given, from.claim) }
    },
    lockClaimed: async (proofs) =>
      new Map((await database.execute(lockText, split(proofs))).rows.map((row) => [row[0] as string, { dependents: Number(row[1]) === 1 }])),
    removeAll: async (ids) => void (await database.execute('delete from glueful_jobs where id = any($1::uuid[])', [ids])),
    promote: async (now, limit) => [...new Set((await database.execute(promoteText, [now, limit])).rows.map((row) => row[0] as string))],
  }
}
