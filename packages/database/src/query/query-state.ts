import type { ModelDefinition } from '../model/definition.ts'
import type { Condition, Operator } from './condition.ts'
import type { Existence } from './existence.ts'
import type { Search } from './write-search.ts'

export interface Order {
  /** Of this model, or of what a relation of it leads to. */
  readonly column: number | RelatedColumn
  readonly descending: boolean
}

/** A column of what a relation to one leads to, or of where another relation leads from there. */
export interface RelatedColumn {
  readonly relation: string
  readonly existence: Existence
  readonly query: QueryState
  readonly value: number | RelatedColumn
}

/** A number asked of a relation with each record. */
export interface RelationNumber {
  readonly name: string
  readonly relation: string
  readonly existence: Existence
  readonly query: QueryState
  /** Undefined counts; otherwise the column of the target that is summed. */
  readonly sum: number | undefined
}

/** The way from a table between to the records of a relation, and which of its columns come along. */
export interface Through {
  readonly table: string
  /** Links the table between with the target. */
  readonly column: string
  readonly targetColumn: string
  /** Points at the owner; selected, so that records find their owner. */
  readonly ownerColumn: string
  readonly ownerKeys: readonly unknown[]
  readonly extra: readonly string[]
  /** Whether one of these is hidden. */
  readonly hidden: boolean
  readonly type: { readonly column: string; readonly value: string } | undefined
  readonly deletedAt: string | undefined
}

export interface Lock {
  readonly strength: 'update' | 'share'
  readonly wait: 'wait' | 'skip' | 'nowait'
}

/** What a query says, before it is text. Its lists are never changed, only replaced, so that clones share them. */
export interface QueryState {
  readonly definition: ModelDefinition
  conditions: readonly Condition[]
  /** Hold besides, whatever `conditions` say: those of the relation that the query is for. */
  within: readonly Condition[]
  orders: readonly Order[]
  /** Before `orders`: the records that a search finds most relevant come first. */
  relevance: Search | undefined
  limit: number | undefined
  offset: number | undefined
  distinct: boolean
  /** Indexes of the columns to read; all where undefined. */
  columns: readonly number[] | undefined
  numbers: readonly RelationNumber[]
  lock: Lock | undefined
  through: Through | undefined
  /** `limit` counts for each value of this column (or of the owner's column of `through`), not for the whole. */
  limitPer: number | 'owner' | undefined
  deleted: 'without' | 'with' | 'only'
  /** Global scopes that are left out; `all` for every one. */
  withoutScopes: ReadonlySet<string> | 'all'
  /** Said explicitly, for updates and deletes of every record. */
  everything: boolean
}

const none: readonly never[] = []
const everyScope: ReadonlySet<string> = new Set()

export function createState(definition: ModelDefinition): QueryState {
  return {
    definition,
    conditions: none,
    within: none,
    orders: none,
    relevance: undefined,
    limit: undefined,
    offset: undefined,
    distinct: false,
    columns: undefined,
    numbers: none,
    lock: undefined,
    through: undefined,
    limitPer: undefined,
    deleted: 'without',
    withoutScopes: everyScope,
    everything: false,
  }
}

export type HavingFunction = 'count' | 'sum' | 'avg' | 'min' | 'max'

export interface Aggregate {
  readonly name: string
  readonly fn: HavingFunction
  readonly column: number | undefined
}

export interface Having {
  readonly fn: HavingFunction
  readonly column: number | undefined
  readonly operator: Operator
  readonly value: number
}
