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
  CACHE_INVALID: {
    status: 500,
    title: 'Invalid cache option',
    detail: (p: { route: string; reason: string }) => `Route ${p.route} has a cache option that cannot work: ${p.reason}.`,
    fix: 'See docs/caching.md.',
  },
  NOT_CACHED: {
    status: 504,
    title: 'Gateway Timeout',
    detail: () => 'No stored answer fits the request, and it asks for nothing else (only-if-cached).',
    fix: '',
  },

  CDN_INCOMPLETE: {
    status: 500,
    title: 'CDN not configured',
    detail: (p: { provider: string }) => `CDN_PROVIDER is ${p.provider}, and CDN_ZONE or CDN_TOKEN is missing.`,
    fix: "Set CDN_ZONE to Fastly's service id or Cloudflare's zone id, and CDN_TOKEN to a token that may purge.",
  },
  CDN_PURGE_REFUSED: {
    status: 502,
    title: 'Bad Gateway',
    detail: (p: { cdn: string; reason: string }) => `${p.cdn} did not purge: ${p.reason}.`,
    fix: '',
  },

  // preconditions
  ETAG_INVALID: {
    status: 500,
    title: 'Invalid etag option',
    detail: (p: { route: string; found: string; suggestion: string | undefined }) =>
      `Route ${p.route} has an etag option with ${JSON.stringify(p.found)}, which nothing reads.` +
      (p.suggestion === undefined ? '' : ` Did you mean '${p.suggestion}'?`),
    fix: "Give true, 'strong', 'weak', false, or an object with weak, version, lastModified, current or required.",
  },
  PRECONDITION_REQUIRED: {
    status: 428,
    title: 'Precondition Required',
    detail: () => 'A change of this resource has to say which state it is of: send If-Match with its entity tag.',
    fix: '',
  },
}
