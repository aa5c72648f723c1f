/** What of a model or a table can be searched by words. */
export interface FullTextOptions<Name extends string = string> {
  /**
   * Columns of text, or each with how much a word in it counts for the order of relevance, above 0 and at most 1,000; at most
   * four different weights. Default weight: 1.
   */
  readonly columns: readonly Name[] | Readonly<Partial<Record<Name, number>>>
  /**
   * A text search configuration of PostgreSQL, such as `english`: words are found in all their forms. SQLite knows `english`
   * alone; MySQL and MariaDB know none and find words as they are written. Default: `simple`, words as they are written.
   */
  readonly language?: string
}

/** The search of a table as a schema sees it. */
export interface FullTextShape {
  /** The column by which SQLite's index finds its rows. */
  readonly key: string
  readonly columns: readonly FullTextColumn[]
  readonly language: string
}

export interface FullTextColumn {
  readonly name: string
  readonly weight: number
}
