import type { RecordSet } from './record-set.ts'

// What a record carries besides its columns. Symbols, so that no column or spread meets them.

/** The row as it was read or written last: the snapshot that changes are found against. Absent before the first save. */
export const RAW = Symbol('glueful.raw')
/** The result that the record came with. */
export const SET = Symbol('glueful.set')
/** Values of columns that are cast when read, or assigned. */
export const CAST = Symbol('glueful.cast')
/** Loaded relations and counts by name. */
export const RELATED = Symbol('glueful.related')
/** True once deleted. */
export const GONE = Symbol('glueful.gone')

export interface ModelRecord {
  [RAW]: unknown[] | undefined
  [SET]: RecordSet
  [CAST]: Record<string, unknown> | undefined
  [RELATED]: Record<string, unknown> | undefined
  [GONE]?: boolean
  [column: string]: unknown
}
