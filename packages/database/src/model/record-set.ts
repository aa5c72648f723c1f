import type { Database } from '../connection/database.ts'
import type { ModelRecord } from './record-state.ts'
import type { RowShape } from './row-shape.ts'

const none: readonly never[] = []

/** The records that one query gave: a relation touched on one of them is loaded for all of them. */
export class RecordSet {
  readonly shape: RowShape
  readonly database: Database | undefined
  readonly strict: boolean
  records: readonly ModelRecord[] = []
  /** Names of counts and sums that came with the records. */
  numbers: readonly string[] = none
  /** What JSON shows of the records, where a client has chosen; all that was read otherwise. */
  shown: ReadonlySet<string> | undefined
  /** Where the row says which record of the owner it belongs to, for relations through a table between. */
  ownerPosition = -1
  /** Loads under way by relation, so that records touched at once share one query. */
  pending: Map<string, Promise<void>> | undefined

  constructor(shape: RowShape, database: Database | undefined, strict: boolean) {
    this.shape = shape
    this.database = database
    this.strict = strict
  }
}
