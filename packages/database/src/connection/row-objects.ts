import type { Rows } from '../driver/driver.ts'

type MakeRow = (row: readonly unknown[]) => Record<string, unknown>

// Columns are the same array for each execution of a statement.
const makers = new WeakMap<readonly string[], MakeRow>()

/** Rows as objects. Of columns with the same name the last one counts. */
export function toObjects({ columns, rows, decoders }: Rows): Record<string, unknown>[] {
  let make = makers.get(columns)
  if (make === undefined) makers.set(columns, (make = makerOf(columns, decoders)))
  return rows.map(make)
}

function makerOf(columns: readonly string[], decoders: Rows['decoders']): MakeRow {
  return (row) => {
    const object: Record<string, unknown> = {}
    for (let index = 0; index < columns.length; index++) {
      const name = columns[index] as string
      const found = row[index]
      const decode = decoders?.[index]
      const value = decode === undefined || found === null ? found : decode(found)
      // Assigning __proto__ would set the prototype instead.
      if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
      else object[name] = value
    }
    return object
  }
}
