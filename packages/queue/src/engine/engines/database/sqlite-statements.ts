import type { Database } from '@glueful/database'
import { deliveryColumns, insertColumns, inOrder, toDelivery, type JobRow } from './job-row.ts'
import type { ClaimFrom, JobStatements, Proof } from './statements.ts'

const columns = insertColumns.join(', ')
const insertOne = `insert into glueful_jobs (${columns}) values (${insertColumns.map(() => '?').join(', ')})`
// A list of any length is one value, so that the text stays the same and is prepared once.
const insertMany = `insert into glueful_jobs (${columns}) select ${insertColumns.map((_, index) => `value ->> ${index}`).join(', ')} from json_each(?)`
const notPaused = 'not exists (select 1 from glueful_queues q where q.queue = ?1 and q.paused = 1)'
const claimed = (where: string) =>
  `update glueful_jobs set state = 'active', claim = ?3, worker = ?4, started_at = ?5, attempts = attempts + 1
where id in (select id from glueful_jobs where ${where} and ${notPaused} order by sort_order, id limit ?2) returning ${deliveryColumns.join(', ')}`
const claimText = {
  waiting: claimed(`queue = ?1 and state = 'waiting'`),
  suspect: claimed(`queue = ?1 and state = 'suspect'`),
}
// A look first: a writing transaction that finds nothing would still make all others wait.
const lookText = {
  waiting: `select 1 from glueful_jobs where queue = ? and state = 'waiting' limit 1`,
  suspect: `select 1 from glueful_jobs where queue = ? and state = 'suspect' limit 1`,
}
const claimGroupText = claimed(`queue = ?1 and group_key = ?6 and state = 'grouped'`)
const proven = `(id, claim) in (select value ->> 0, value ->> 1 from json_each(?))`
const removeText = `delete from glueful_jobs where ${proven} and dependents = 0 returning id`
const lockText = `select id, dependents from glueful_jobs where ${proven}`
const dueText = `select 1 from glueful_jobs where state = 'delayed' and run_at <= ? limit 1`
const promoteText = `update glueful_jobs set state = case when group_key is null then 'waiting' else 'grouped' end
where id in (select id from glueful_jobs where state = 'delayed' and run_at <= ? order by run_at limit ?) returning queue`

export function sqliteStatements(database: Database): JobStatements {
  const claimParams = ({ queue, limit, claim, worker, now }: Omit<ClaimFrom, 'state'>) => [queue, limit, claim, worker, now]
  const list = (proofs: readonly Proof[]) => [JSON.stringify(proofs.map(({ id, claim }) => [id, claim]))]
  const claim = async (from: ClaimFrom) => {
    if ((await database.execute(lookText[from.state], [from.queue])).rows.length === 0) return []
    return inOrder((await database.execute(claimText[from.state], claimParams(from))).rows.map((row) => toDelivery(row, from.claim)))
  }
  const removeDone = async (proofs: readonly Proof[]) => new Set((await database.execute(removeText, list(proofs))).rows.map((row) => row[0] as string))
  return {
    insert: async (rows) =>
      void (await (rows.length === 1 ? database.execute(insertOne, rows[0] as JobRow) : database.execute(insertMany, [JSON.stringify(rows)]))),
    insertUnless: async (row) => void (await database.execute(`${insertOne} on conflict (unique_key) where unique_key is not null do nothing`, row)),
    claim,
    claimGroup: async (from) =>
      inOrder((await database.execute(claimGroupText, [...claimParams(from), from.group])).rows.map((row) => toDelivery(row, from.claim))),
    removeDone,
    removeDoneAndClaim: (proofs, from) => database.transaction(async () => ({ removed: await removeDone(proofs), deliveries: await claim(from) })),
    lockClaimed: async (proofs) =>
      new Map((await database.execute(lockText, list(proofs))).rows.map((row) => [row[0] as string, { dependents: Number(row[1]) === 1 }])),
    removeAll: async (ids) => void (await database.execute('delete from glueful_jobs where id in (select value from json_each(?))', [JSON.stringify(ids)])),
    promote: async (now, limit) => {
      if ((await database.execute(dueText, [now])).rows.length === 0) return []
      return [...new Set((await database.execute(promoteText, [now, limit])).rows.map((row) => row[0] as string))]
    },
  }
}
