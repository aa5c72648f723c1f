import type { ColumnFacts } from '../columns/column.ts'
import { normalizeDecimal } from '../columns/decimal.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { RelationNumber } from './query-state.ts'

/** A count or a sum as a driver gives it, in the type of its column: decimals as text, bigints as bigint. */
export function readNumber({ sum, existence }: RelationNumber, raw: unknown, dialect: Dialect): unknown {
  return sum === undefined ? Number(raw) : readSum(existence.target.columns[sum]?.facts as ColumnFacts, raw, dialect)
}

export function readSum(facts: ColumnFacts, raw: unknown, dialect: Dialect): number | bigint | string {
  if (facts.type === 'decimal') {
    const scale = facts.scale ?? 2
    if (dialect === 'sqlite') return fromScaled(BigInt(raw as number), scale)
    return normalizeDecimal(String(raw), 65 + scale, scale) ?? String(raw)
  }
  if (facts.type !== 'bigint') return Number(raw)
  const sum = dialect === 'sqlite' ? fromHalves(String(raw)) : BigInt(String(raw))
  return facts.as === undefined ? sum : Number(sum)
}

function fromHalves(text: string): bigint {
  const [upper = '0', lower = '0'] = text.split(':')
  return (BigInt(upper) << 32n) + BigInt(lower)
}

function fromScaled(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return value < 0n ? `-${text}` : text
}
