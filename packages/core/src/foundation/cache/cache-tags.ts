import { fail } from '../errors/catalog.ts'

/** What every kind of store and CDN can carry: visible ASCII without commas. */
const wellFormed = /^[\x21-\x2b\x2d-\x7e]{1,128}$/
const mostTags = 100

/** @throws `CACHE_TAG_INVALID` for a name that a header could not carry, or more than 100 tags. */
export function checkTags(tags: readonly string[]): readonly string[] {
  for (const tag of tags) if (typeof tag !== 'string' || !wellFormed.test(tag)) throw fail('CACHE_TAG_INVALID', { found: String(tag).slice(0, 150) })
  if (tags.length > mostTags) throw fail('CACHE_TAG_INVALID', { found: `${tags.length} tags` })
  return tags
}
