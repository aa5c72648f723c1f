import { fail } from '../../foundation/errors/catalog.ts'

const mostPairs = 1_000

/**
 * Parses application/x-www-form-urlencoded; a repeated name is an array, brackets in names mean nothing.
 * @throws `INVALID_FORM` (400)
 */
export function parseForm(text: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  if (text === '') return fields
  const pairs = text.split('&', mostPairs + 1)
  if (pairs.length > mostPairs) throw fail('INVALID_FORM', { reason: `it has more than ${mostPairs} fields` })
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
    const there = fields[name]
    if (there === undefined) fields[name] = value
    else if (Array.isArray(there)) there.push(value)
    else fields[name] = [there, value]
  }
  return fields
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw fail('INVALID_FORM', { reason: 'it has a malformed percent-encoding' }, { cause })
  }
}
