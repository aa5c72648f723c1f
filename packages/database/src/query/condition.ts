import type { Sql } from '../sql/sql.ts'
import type { Existence } from './existence.ts'
import type { QueryState } from './query-state.ts'
import type { Search } from './write-search.ts'

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

export const operators: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>='])

/** A condition without its connection; columns by their index in the model. */
type ConditionBody =
  | { readonly kind: 'compare'; readonly column: number; readonly operator: Operator; readonly value: unknown }
  | { readonly kind: 'columns'; readonly column: number; readonly operator: Operator; readonly other: number }
  | { readonly kind: 'in'; readonly column: number; readonly values: readonly unknown[]; readonly not: boolean }
  | { readonly kind: 'between'; readonly column: number; readonly low: unknown; readonly high: unknown; readonly not: boolean }
  | { readonly kind: 'null'; readonly column: number; readonly not: boolean }
  | { readonly kind: 'like'; readonly column: number; readonly pattern: string; readonly not: boolean }
  | { readonly kind: 'group'; readonly conditions: readonly Condition[]; readonly not: boolean }
  | { readonly kind: 'exists'; readonly query: QueryState; readonly not: boolean }
  | {
      readonly kind: 'related'
      readonly existence: Existence
      readonly query: QueryState
      readonly name: string
      readonly not: boolean
      readonly count: { readonly operator: Operator; readonly value: number } | undefined
    }
  | { readonly kind: 'search'; readonly search: Search }
  | { readonly kind: 'sql'; readonly sql: Sql }

export type Condition = ConditionBody & { readonly or: boolean }
