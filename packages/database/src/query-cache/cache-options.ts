import { parseDuration, type Duration } from 'glueful'
import { fail } from '../errors.ts'

/** How a query's result is kept. */
export interface QueryCacheOptions {
  /** How long, at most: writes to what the query reads clear it before. */
  readonly ttl: Duration
  /** More names to clear it by: `use(Cache).flush('front-page')`. Visible ASCII without commas, at most 128 characters. */
  readonly tags?: readonly string[]
  /** What its keys begin with, for `glueful cache inspect --name=queries`. Default: the model's table. */
  readonly key?: string
}

/** @throws what is wrong with the duration; `QUERY_VALUE_INVALID` for a key that is none */
export function checkCacheOptions(model: string, options: QueryCacheOptions): QueryCacheOptions {
  const { ttl, key } = options
  const ms = parseDuration(ttl, `ttl of a cached query of ${model}`)
  if (!(ms > 0)) throw fail('QUERY_VALUE_INVALID', { model, column: 'cache', found: `ttl ${String(ttl)}`, expected: 'a ttl of more than nothing' })
  if (key !== undefined && !/^[\w.:-]{1,128}$/.test(key))
    throw fail('QUERY_VALUE_INVALID', {
      model,
      column: 'cache',
      found: `key ${JSON.stringify(key).slice(0, 150)}`,
      expected: 'letters, digits and . : _ -, at most 128',
    })
  return options
}
