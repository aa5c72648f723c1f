import type { Columns } from '../columns/column.ts'
import { describeFullText } from '../full-text/describe-full-text.ts'
import type { FullTextOptions, FullTextShape } from '../full-text/full-text-options.ts'

/** What the schema needs to know of a model. */
export interface ModelTable {
  readonly name: string
  readonly table: string
  readonly columns: Columns
  readonly options?: { readonly fullText?: FullTextOptions | undefined }
}

/** What of a model is to be searched. */
export function fullTextOf({ name, columns, options }: ModelTable): FullTextShape | undefined {
  const [key] = Object.keys(columns).filter((column) => columns[column]?.facts.primary)
  return options?.fullText === undefined ? undefined : describeFullText(name, options.fullText, key)
}

/** The models among the exports of a module, one for each table. */
export function modelsOf(exported: Readonly<Record<string, unknown>>): ModelTable[] {
  const found = Object.values(exported).filter(isModel)
  return found.filter((model, at) => found.findIndex((other) => other.table === model.table) === at)
}

function isModel(value: unknown): value is ModelTable {
  return typeof value === 'function' && typeof (value as Partial<ModelTable>).table === 'string' && typeof (value as Partial<ModelTable>).columns === 'object'
}
