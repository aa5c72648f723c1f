/** What goes wrong with caches, preconditions and repeated requests. */
export const cachingEntries = {
  CACHE_TAG_INVALID: {
    status: 500,
    title: 'Invalid cache tag',
    detail: (p: { found: string }) => `${JSON.stringify(p.found)} is no tag that stores and CDNs can carry.`,
    fix: 'Use 1 to 128 characters of visible ASCII without commas, and at most 100 tags.',
  },
  CACHE_KEY_INVALID: {
    status: 500,
    title: 'Invalid cache key',
    detail: (p: { cache: string; found: string }) => `The cache '${p.cache}' was given the key ${JSON.stringify(p.found)}.`,
    fix: 'A key is text of 1 to 512 characters, the name of a cache lower case letters, digits and dashes.',
  },
  CACHE_VALUE_INVALID: {
    status: 500,
    title: 'Value cannot be cached',
    detail: (p: { cache: string; reason: string }) => `A value for the cache '${p.cache}' has no JSON form: ${p.reason}.`,
    fix: 'Cache plain data.',
  },
}
