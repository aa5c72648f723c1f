import type { CustomTypesConfig } from 'pg'
import type { Decode } from '../remote/statement-columns.ts'
import { decodeInteger, decodeJson, decodeTimestamp } from '../remote/decode.ts'

type Parse = (text: string) => unknown

const asText: Parse = (text) => text

/** By type number (pg_type.oid). All else, dates and JSON included, stays text until somebody wants it otherwise. */
const parsers: Readonly<Record<number, Parse>> = {
  16: (text) => text === 't',
  17: (text) => Buffer.from(text.slice(2), 'hex'),
  20: decodeInteger,
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
}

const arrays: Readonly<Record<number, Parse>> = {
  1000: (text) => text === 't',
  1005: Number,
  1007: Number,
  1016: decodeInteger,
  1021: Number,
  1022: Number,
}
const textArrays = new Set([1009, 1015, 1014, 1002, 1231, 2951, 199, 3807, 1185, 1115, 1182])

/** How `pg` reads the values of a row. */
export const postgresTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number) => {
    const parse = parsers[oid]
    if (parse !== undefined) return parse
    const item = arrays[oid] ?? (textArrays.has(oid) ? asText : undefined)
    return item === undefined ? asText : (text: string) => parseArray(text, item)
  }) as CustomTypesConfig['getTypeParser'],
}

/** What `all` and `first` make of a column. */
export function postgresDecoder({ dataTypeID }: { readonly dataTypeID: number }): Decode | undefined {
  if (dataTypeID === 1114 || dataTypeID === 1184) return decodeTimestamp
  return dataTypeID === 114 || dataTypeID === 3802 ? decodeJson : undefined
}

/** `{1,NULL,"a \"b\"",{2}}` as nested arrays (PostgreSQL manual, 8.15.6). */
export function parseArray(text: string, parse: Parse): unknown[] {
  let at = text.indexOf('{')
  return list()

  function list(): unknown[] {
    const items: unknown[] = []
    at++
    while (at < text.length && text[at] !== '}') {
      if (text[at] === ',') at++
      else items.push(text[at] === '{' ? list() : text[at] === '"' ? parse(quoted()) : bare())
    }
    at++
    return items
  }

  function quoted(): string {
    let value = ''
    for (at++; text[at] !== '"'; at++) {
      if (text[at] === '\\') at++
      value += text[at]
    }
    at++
    return value
  }

  function bare(): unknown {
    const start = at
    while (text[at] !== ',' && text[at] !== '}') at++
    const value = text.slice(start, at)
    return value === 'NULL' ? null : parse(value)
  }
}
