import { sql } from '@glueful/database'
import type { Logger } from 'glueful'
import type { Settled, Settlement } from '../../engine.ts'
import { settleEach, type SettleParts } from './settle.ts'

const mostTold = 1_000

/**
 * Records settlements all at once, and where that fails each by itself: one that the database cannot store does not hold
 * up what became of others, nor what its worker would claim next.
 */
export function createSettling(parts: SettleParts, log: Logger) {
  const told = new Set<string>()

  /** Whether the database is away or busy, so that anything else would fail there as well. */
  async function isPassing(error: unknown): Promise<boolean> {
    if ((error as { status?: unknown }).status === 503) return true
    return parts.database.first(sql`select 1 as one`).then(
      () => false,
      () => true,
    )
  }

  /** @throws what the database says, where nothing was recorded because it is away or busy */
  async function settleApart(settlements: readonly Settlement[], cause: unknown): Promise<Pick<Settled, 'refused' | 'unsettled'>> {
    if (await isPassing(cause)) throw cause
    const refused: string[] = []
    const unsettled: Settlement[] = []
    for (const [index, settlement] of settlements.entries()) {
      try {
        refused.push(...(await settleEach(parts, [settlement])))
      } catch (err) {
        if (await isPassing(err)) return { refused, unsettled: [...unsettled, ...settlements.slice(index)] }
        unsettled.push(settlement)
        tell(settlement, err)
      }
    }
    return { refused, unsettled }
  }

  /** Once a job: it is told again until it is recorded, several times a second. */
  function tell({ kind, delivery: { id, job } }: Settlement, err: unknown): void {
    if (told.has(id)) return
    if (told.size >= mostTold) told.clear()
    told.add(id)
    log.error({ err, job, jobId: id, outcome: kind }, 'What became of a job could not be recorded; its worker tells it again, and goes on with others')
  }

  return async (settlements: readonly Settlement[]): Promise<Pick<Settled, 'refused' | 'unsettled'>> => {
    if (settlements.length === 0) return { refused: [] }
    try {
      return { refused: await settleEach(parts, settlements) }
    } catch (error) {
      return settleApart(settlements, error)
    }
  }
}
