import type { Database } from '@glueful/database'
import { deliveryColumns, insertColumns, inOrder, toDelivery } from './job-row.ts'
import { turn } from './turn.ts'
import type { ClaimFrom, JobStatements, Proof } from './statements.ts'

const columns = insertColumns.join(', ')
const holes = `(${insertColumns.map(() => '?').join(', ')})`
const mostRows = 200
const notPaused = 'not exists (select 1 from glueful_queues q where q.queue = ? and q.paused = 1)'
// Before the server has counted rows it may prefer to read, sort and lock all of them.
const picked = (index: string, where: string) =>
  `select ${deliveryColumns.join(', ')} from glueful_jobs force index (${index}) where ${where} and ${notPaused} order by sort_order, id limit ? for update skip locked`
const attempts = deliveryColumns.indexOf('attempts')

/** A list of values as text and parameters, its length rounded up by repetition so that there are few texts to prepare. */
function padded<T>(values: readonly T[]): readonly T[] {
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, values.length)))
  return values.length === size ? values : [...values, ...Array.from({ length: size - values.length }, () => values[0] as T)]
}

export function mysqlStatements(database: Database): JobStatements {
  const mark = async (rows: readonly unknown[][], { claim, worker, now }: Omit<ClaimFrom, 'state'>) => {
    if (rows.length === 0) return []
    const ids = padded(rows.map((row) => row[0] as string))
    await database.execute(
      `update glueful_jobs set state = 'active', claim = ?, worker = ?, started_at = ?, attempts = attempts + 1 where id in (${ids.map(() => '?').join(', ')})`,
      [claim, worker, now, ...ids],
    )
    return inOrder(rows.map((row) => toDelivery(row.with(attempts, Number(row[attempts]) + 1), claim)))
  }
  const claim = async (from: ClaimFrom) =>
    mark((await database.execute(picked('glueful_jobs_claim', `queue = ? and state = '${from.state}'`), [from.queue, from.queue, from.limit])).rows, from)
  const lockClaimed = async (proofs: readonly Proof[]) => {
    const pairs = padded(proofs)
    const { rows } = await database.execute(
      `select id, dependents from glueful_jobs where (id, claim) in (${pairs.map(() => '(?, ?)').join(', ')}) order by id for update`,
      pairs.flatMap((proof) => [proof.id, proof.claim]),
    )
    return new Map(rows.map((row) => [row[0] as string, { dependents: Number(row[1]) === 1 }]))
  }
  const removeAll = async (ids: readonly string[]) => {
    if (ids.length === 0) return
    const all = padded(ids)
    await database.execute(`delete from glueful_jobs where id in (${all.map(() => '?').join(', ')})`, all)
  }
  const removeDone = async (proofs: readonly Proof[]) => {
    const mine = await lockClaimed(proofs)
    const removed = new Set([...mine].filter(([, { dependents }]) => !dependents).map(([id]) => id))
    await removeAll([...removed])
    return removed
  }
  return {
    insert: async (rows) => {
      for (let at = 0; at < rows.length; at += mostRows) {
        const part = rows.slice(at, at + mostRows)
        await database.execute(`insert into glueful_jobs (${columns}) values ${part.map(() => holes).join(', ')}`, part.flat())
      }
    },
    insertUnless: async (row) => void (await database.execute(`insert into glueful_jobs (${columns}) values ${holes} on duplicate key update id = id`, row)),
    claim: (from) => turn(database, () => claim(from)),
    claimGroup: (from) =>
      turn(database, async () =>
        mark(
          (
            await database.execute(picked('glueful_jobs_group', `queue = ? and group_key = ? and state = 'grouped'`), [
              from.queue,
              from.group,
              from.queue,
              from.limit,
            ])
          ).rows,
          from,
        ),
      ),
    removeDone: (proofs) => turn(database, () => removeDone(proofs)),
    removeDoneAndClaim: (proofs, from) => turn(database, async () => ({ removed: await removeDone(proofs), deliveries: await claim(from) })),
    lockClaimed,
    removeAll,
    promote: (now, limit) =>
      turn(database, async () => {
        const { rows } = await database.execute(
          `select id, queue from glueful_jobs where state = 'delayed' and run_at <= ? order by run_at limit ? for update skip locked`,
          [now, limit],
        )
        if (rows.length === 0) return []
        const ids = padded(rows.map((row) => row[0] as string))
        await database.execute(
          `update glueful_jobs set state = case when group_key is null then 'waiting' else 'grouped' end where id in (${ids.map(() => '?').join(', ')})`,
          ids,
        )
        return [...new Set(rows.map((row) => row[1] as string))]
      }),
  }
}
