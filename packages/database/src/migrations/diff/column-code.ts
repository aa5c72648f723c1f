import type { ColumnFacts } from '../../columns/column.ts'
import type { LiveColumn } from '../../schema/introspect/live-table.ts'

/** TypeScript that describes something, and the builders that it imports. */
export interface Code {
  readonly text: string
  readonly imports: readonly string[]
}

export const quote = (text: string): string => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

/** The builder calls that make a column of a model. */
export function columnCode(facts: ColumnFacts, withReferences = true): Code {
  const actions = facts.references === undefined ? '' : actionsCode(facts.references)
  const { references } = facts
  const steps = [
    ...(facts.primary ? ['primary()'] : []),
    ...(facts.nullable ? ['nullable()'] : []),
    ...(facts.default === undefined || facts.version ? [] : [`default(${valueCode(facts.default.value)})`]),
    ...(facts.version ? ['version()'] : []),
    ...(references === undefined || !withReferences
      ? []
      : [`references(${quote(references.table)}${references.column === 'id' && actions === '' ? '' : `, ${quote(references.column)}`}${actions})`]),
    ...(facts.unique ? ['unique()'] : []),
    ...(facts.index ? ['index()'] : []),
  ]
  return { text: [typeCode(facts), ...steps].join('.'), imports: [facts.type] }
}

/** The builder call of a column's type alone. */
export function typeCode(facts: ColumnFacts): string {
  switch (facts.type) {
    case 'string':
      return facts.length === 255 ? 'string()' : `string(${facts.length})`
    case 'decimal':
      return `decimal(${facts.precision}, ${facts.scale})`
    case 'enumeration':
      return `enumeration([${(facts.values ?? []).map(quote).join(', ')}])`
    case 'bigint':
      return facts.as === 'number' ? `bigint({ as: 'number' })` : 'bigint()'
    default:
      return `${facts.type}()`
  }
}

function actionsCode({ onDelete, onUpdate }: NonNullable<ColumnFacts['references']>): string {
  const parts = [...(onDelete === undefined ? [] : [`onDelete: ${quote(onDelete)}`]), ...(onUpdate === undefined ? [] : [`onUpdate: ${quote(onUpdate)}`])]
  return parts.length === 0 ? '' : `, { ${parts.join(', ')} }`
}

export function valueCode(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return `new Date(${quote(value.toISOString())})`
  if (value instanceof Uint8Array) return `new Uint8Array([${[...value].join(', ')}])`
  return typeof value === 'string' ? quote(value) : JSON.stringify(value)
}

const liveTypes: readonly (readonly [RegExp, string])[] = [
  [/^(?:uuid|char\(36\))/, 'uuid()'],
  [/^(?:varchar|character varying)\((\d+)\)/, 'string($1)'],
  [/^(?:numeric|decimal)\((\d+),\s*(\d+)\)/, 'decimal($1, $2)'],
  [/^(?:boolean|tinyint\(1\))/, 'boolean()'],
  [/^bigint/, 'bigint()'],
  [/^(?:int|smallint|mediumint|tinyint)/, 'integer()'],
  [/^(?:double|real|float)/, 'float()'],
  [/^(?:timestamp|datetime)/, 'timestamp()'],
  [/^date$/, 'date()'],
  [/^json/, 'json()'],
  [/^(?:bytea|.*blob|.*binary)/, 'binary()'],
]

/** A column that is like a live one; nullable, because its values are gone. */
export function liveColumnCode({ type }: LiveColumn): Code {
  const found = liveTypes.find(([pattern]) => pattern.test(type))
  const text = found === undefined ? 'text()' : type.replace(new RegExp(`${found[0].source}.*$`), found[1])
  return { text: `${text}.nullable()`, imports: [/^\w+/.exec(text)?.[0] ?? 'text'] }
}
