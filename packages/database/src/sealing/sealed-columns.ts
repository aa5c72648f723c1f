import type { Extension } from 'glueful'
import type { ModelTable } from '../schema/model-tables.ts'

/** Columns whose texts an extension seals under APP_KEY, so that `glueful db reseal` finds them. */
export interface SealedColumns {
  readonly table: string
  /** The primary key. It is the place of what is sealed, where there is one. */
  readonly key: string
  readonly columns: readonly string[]
  /** What the seal is made for: `use(Sealing).for(purpose)`. */
  readonly purpose: string
  /** Whether the key is given as place. */
  readonly placed: boolean
}

declare module 'glueful' {
  interface Extension {
    /** Columns that the extension seals under APP_KEY. */
    readonly sealed?: readonly SealedColumns[]
  }
}

/** The purpose of encrypted columns of models. */
export const columnPurpose = 'encrypted columns'

/** All that is sealed in a database: encrypted columns of models, and what extensions seal. */
export function sealedColumnsOf(models: readonly ModelTable[], extensions: readonly Extension[]): readonly SealedColumns[] {
  const ofModels = models.flatMap(({ table, columns }): SealedColumns[] => {
    const entries = Object.entries(columns)
    const sealed = entries.filter(([, column]) => column.facts.type === 'encrypted').map(([name]) => name)
    const key = entries.find(([, column]) => column.facts.primary)?.[0]
    return sealed.length === 0 || key === undefined ? [] : [{ table, key, columns: sealed, purpose: columnPurpose, placed: false }]
  })
  return [...ofModels, ...extensions.flatMap(({ sealed = [] }) => sealed)]
}
