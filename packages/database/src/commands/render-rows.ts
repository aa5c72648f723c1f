import type { Rows } from '../driver/driver.ts'

const mostRows = 500
const widest = 60

/** Rows as columns for a terminal; long values and long results are cut, and say so. */
export function renderRows({ columns, rows }: Rows): string {
  const shown = rows.slice(0, mostRows).map((row) => row.map(toCell))
  const widths = columns.map((name, index) => Math.max(name.length, ...shown.map((row) => row[index]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] as number))
      .join('  ')
      .trimEnd()
  const rest = rows.length > mostRows ? [`… ${rows.length - mostRows} more`] : []
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...shown.map(line), ...rest].join('\n')
}

function toCell(value: unknown): string {
  if (value === null) return 'NULL'
  const text = value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : typeof value === 'object' ? JSON.stringify(value) : String(value)
  // What a terminal would take for a command is shown instead of done.
  const plain = text.replace(/\p{Cc}/gu, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return plain.length > widest ? `${plain.slice(0, widest - 1)}…` : plain
}
