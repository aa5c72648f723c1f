import type { ModelDefinition } from '../model/definition.ts'

/**
 * A relation as seen from a condition: `exists (select … from target [join …] where link …)`. Names are unquoted; the
 * writer knows aliases and dialect.
 */
export interface Existence {
  readonly target: ModelDefinition
  /** A table between owner and target; `on` links it with the target. */
  readonly via?: { readonly table: string; readonly column: string; readonly targetColumn: string; readonly deletedAt?: string | undefined } | undefined
  /** The column that points at the owner: on the table between where there is one, else on the target. */
  readonly column: string
  readonly ownerColumn: string
  /** For polymorphic relations: the column that names the owner's table, and that name. */
  readonly type?: { readonly column: string; readonly value: string; readonly on: 'via' | 'target' } | undefined
}
