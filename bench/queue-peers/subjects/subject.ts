/** What every queue is asked to do; jobs do nothing but count. */
export interface Subject {
  enqueueOne(index: number): Promise<void>
  enqueueMany(from: number, count: number): Promise<void>
  /** Works with so many jobs at once, calling `done` for each, until the returned function is called. */
  work(concurrency: number, done: (index: number) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

export interface Servers {
  /** An empty database of the subject's own. */
  readonly postgres: string
  readonly redis: string
  /** A file that does not exist yet. */
  readonly sqlite: string
}

export const list = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)
