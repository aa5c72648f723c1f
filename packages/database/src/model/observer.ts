/** Moments in the life of a record, in their order. */
export const modelEvents = ['saving', 'creating', 'updating', 'created', 'updated', 'saved', 'deleting', 'deleted', 'restoring', 'restored'] as const

export type ModelEvent = (typeof modelEvents)[number]

/** Listeners for moments of a model's records; awaited, one after the other. One that throws before the write stops it. */
export type ObserverOf<Record> = { readonly [Event in ModelEvent]?: (record: Record) => unknown }

export interface ObserveOptions {
  /** Called once the transaction has committed, and never when it is rolled back; for those that follow the write. Default: false. */
  readonly afterCommit?: boolean
}

export interface Observer {
  readonly listeners: Readonly<Partial<Record<ModelEvent, (record: never) => unknown>>>
  readonly afterCommit: boolean
}
