import type { ForeignKeyShape } from '../table-shape.ts'

/** A column as the database describes it. */
export interface LiveColumn {
  readonly name: string
  /** In lower case, as the database spells it. */
  readonly type: string
  readonly nullable: boolean
  /** SQL; undefined where there is none. */
  readonly default: string | undefined
  readonly counted: boolean
}

export interface LiveIndex {
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
  readonly partial: boolean
}

/** A foreign key; its name is empty where it was given none. */
export type LiveForeignKey = ForeignKeyShape

export interface LiveCheck {
  readonly name: string
  readonly sql: string
}

/** A table as it is. */
export interface LiveTable {
  readonly name: string
  readonly columns: readonly LiveColumn[]
  readonly primary: readonly string[]
  readonly indexes: readonly LiveIndex[]
  readonly foreignKeys: readonly LiveForeignKey[]
  readonly checks: readonly LiveCheck[]
  /** What its search was made of; undefined where it has none. */
  readonly fullText: string | undefined
}
