import type { ColumnFacts, Columns } from '../columns/column.ts'
import { quote } from '../migrations/diff/column-code.ts'
import { kebab, pascal } from './words.ts'

/** A factory with something fitting for each column that `create` asks for. */
export function renderFactory(words: readonly string[], columns: Columns): string {
  const required = Object.entries(columns).filter(([, { facts }]) => isRequired(facts))
  const lines = required.map(([name, { facts }]) => `  ${/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : quote(name)}: ${valueOf(name, facts)},`)
  const asks = lines.some((line) => line.includes('faker.'))
  const body = lines.length === 0 ? '({})' : `({\n${lines.join('\n')}\n})`
  return `import { factory } from '@glueful/database'
import { ${pascal(words)} } from '../models/${kebab(words)}.ts'

export const ${pascal(words)}Factory = factory(${pascal(words)}, (${asks ? 'faker' : ''}) => ${body})
`
}

function isRequired(facts: ColumnFacts): boolean {
  return !facts.nullable && facts.generated === undefined && facts.default === undefined && facts.role === undefined && !facts.version
}

const byName: readonly (readonly [RegExp, string])[] = [
  [/e-?mail/i, 'faker.internet.email()'],
  [/^(?:first|given)_?name$/i, 'faker.person.firstName()'],
  [/^(?:last|family)_?name$/i, 'faker.person.lastName()'],
  [/name$/i, 'faker.person.fullName()'],
  [/city/i, 'faker.location.city()'],
  [/country/i, 'faker.location.country()'],
  [/street|address/i, 'faker.location.streetAddress()'],
  [/phone/i, 'faker.phone.number()'],
  [/url|website/i, 'faker.internet.url()'],
  [/^(?:make|manufacturer)$/i, 'faker.vehicle.manufacturer()'],
  [/^model$/i, 'faker.vehicle.model()'],
  [/colou?r/i, 'faker.color.human()'],
  [/vin$/i, 'faker.vehicle.vin()'],
]

function valueOf(name: string, facts: ColumnFacts): string {
  switch (facts.type) {
    case 'uuid':
      return 'faker.string.uuid()'
    case 'string': {
      const made = byName.find(([pattern]) => pattern.test(name))?.[1] ?? 'faker.lorem.words(3)'
      return (facts.length ?? 255) < 100 ? `${made}.slice(0, ${facts.length})` : made
    }
    case 'text':
      return 'faker.lorem.paragraph()'
    case 'integer':
      return 'faker.number.int({ max: 1_000 })'
    case 'bigint':
      return facts.as === 'number' ? 'faker.number.int({ max: 1_000_000 })' : 'faker.number.bigInt({ max: 1_000_000n })'
    case 'decimal':
      return `faker.finance.amount({ max: ${10 ** Math.min(4, (facts.precision ?? 12) - (facts.scale ?? 2)) - 1}, dec: ${facts.scale} })`
    case 'float':
      return 'faker.number.float({ max: 1_000 })'
    case 'boolean':
      return 'faker.datatype.boolean()'
    case 'date':
      return 'faker.date.past().toISOString().slice(0, 10)'
    case 'timestamp':
      return 'faker.date.past()'
    case 'enumeration':
      return `faker.helpers.arrayElement([${(facts.values ?? []).map(quote).join(', ')}] as const)`
    case 'json':
      return '{}'
    case 'binary':
      return 'new Uint8Array([1, 2, 3])'
    case 'encrypted':
      return 'faker.internet.password()'
  }
}
