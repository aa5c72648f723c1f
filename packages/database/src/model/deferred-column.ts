import { CAST, RAW, SET, type ModelRecord } from './record-state.ts'

/** Reads a column that is cast when it is read, and keeps what the cast made. */
export function readDeferred(record: ModelRecord, index: number): unknown {
  const raw = record[RAW]
  if (raw === undefined) return undefined
  const { shape } = record[SET]
  const position = shape.positions[index] as number
  if (position === -1) return undefined
  const value = raw[position]
  if (value === null) return null
  const { name, cast } = shape.model.column(index)
  if (cast.decode === undefined) return value
  const decoded = cast.decode(value)
  ;(record[CAST] ??= {})[name] = decoded
  return decoded
}

/** Gives a prototype the accessor of such a column. */
export function defineDeferredColumn(prototype: object, name: string, index: number): void {
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: ModelRecord) {
      const value = this[CAST]?.[name]
      return value === undefined ? readDeferred(this, index) : value
    },
    set(this: ModelRecord, value: unknown) {
      ;(this[CAST] ??= {})[name] = value
    },
  })
}
