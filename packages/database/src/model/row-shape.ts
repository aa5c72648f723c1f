import type { DialectColumn, DialectModel } from './dialect-model.ts'
import type { RecordSet } from './record-set.ts'
import { CAST, RAW, RELATED, SET, type ModelRecord } from './record-state.ts'

type Hydrate = (row: unknown[], set: RecordSet) => ModelRecord

/**
 * A set of columns in the order they are read in, and the generated code that makes a record of such a row. Values that
 * need no cast, or a cheap one, become own properties; the others are cast when they are first read.
 */
export class RowShape {
  readonly model: DialectModel
  readonly columns: readonly DialectColumn[]
  /** Where a column stands in the row, by its index in the model; -1 where it was not read. */
  readonly positions: readonly number[]
  readonly hydrate: Hydrate

  constructor(model: DialectModel, columns: readonly DialectColumn[]) {
    this.model = model
    this.columns = columns
    const positions = model.columns.map(() => -1)
    columns.forEach((column, position) => (positions[column.index] = position))
    this.positions = positions
    this.hydrate = makeHydrate(model.definition.model.prototype as object, columns)
  }

  hydrateAll(rows: readonly unknown[][], set: RecordSet): ModelRecord[] {
    const { hydrate } = this
    const records = Array.from<ModelRecord>({ length: rows.length })
    for (let index = 0; index < rows.length; index++) records[index] = hydrate(rows[index] as unknown[], set)
    return records
  }
}

function makeHydrate(prototype: object, columns: readonly DialectColumn[]): Hydrate {
  return generate(prototype, columns) ?? interpret(prototype, columns)
}

// Own functions a shape: the engine learns one layout of objects for each of them.
function generate(prototype: object, columns: readonly DialectColumn[]): Hydrate | undefined {
  const names: string[] = []
  const decoders: unknown[] = []
  const lines = columns.flatMap((column, position) => {
    if (column.deferred) return []
    const target = `this[${JSON.stringify(column.name)}]`
    if (column.cast.decode === undefined) return [`${target} = row[${position}]`]
    names.push(`decode${position}`)
    decoders.push(column.cast.decode)
    return [`${target} = decode${position}(row[${position}])`]
  })
  const body = `
    function Row(row, set) {
      ${lines.join('\n')}
      this[RAW] = row
      this[SET] = set
      this[CAST] = undefined
      this[RELATED] = undefined
    }
    Row.prototype = prototype
    return (row, set) => new Row(row, set)`
  try {
    // oxlint-disable-next-line no-new-func -- names of columns are the only text that goes in, and they are quoted
    const factory = new Function('prototype', 'RAW', 'SET', 'CAST', 'RELATED', ...names, body) as (...args: unknown[]) => Hydrate
    return factory(prototype, RAW, SET, CAST, RELATED, ...decoders)
  } catch (error) {
    // Where code generation from text is disallowed (--disallow-code-generation-from-strings).
    if (error instanceof EvalError) return undefined
    throw error
  }
}

function interpret(prototype: object, columns: readonly DialectColumn[]): Hydrate {
  const eager = columns
    .map((column, position) => ({ name: column.name, decode: column.cast.decode, position, deferred: column.deferred }))
    .filter((column) => !column.deferred)
  return (row, set) => {
    const record = Object.create(prototype) as ModelRecord
    for (const { name, decode, position } of eager) record[name] = decode === undefined ? row[position] : decode(row[position])
    record[RAW] = row
    record[SET] = set
    record[CAST] = undefined
    record[RELATED] = undefined
    return record
  }
}
