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

  // repeated requests
  IDEMPOTENCY_KEY_MISSING: {
    status: 400,
    title: 'Bad Request',
    detail: () => 'This operation needs an Idempotency-Key header: a new unique value for each operation, the same one for each try of it.',
    fix: '',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { longest: number }) =>
      `The Idempotency-Key is not valid; expected one value of 1 to ${p.longest} visible ASCII characters without quotes, commas, semicolons and backslashes.`,
    fix: '',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Unprocessable Content',
    detail: () => 'The Idempotency-Key was used before for a request that asks for something else.',
    fix: '',
  },
  IDEMPOTENCY_IN_FLIGHT: {
    status: 409,
    title: 'Conflict',
    detail: () => 'The first request with this Idempotency-Key is not done yet; ask again later.',
    fix: '',
  },
  IDEMPOTENCY_UNAVAILABLE: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'It cannot be told now whether this request was served before; ask again later with the same Idempotency-Key.',
    fix: '',
  },
  IDEMPOTENCY_ANSWER_INVALID: {
    status: 500,
    title: 'Answer cannot be kept',
    detail: (p: { route: string; reason: string }) => `Route ${p.route} has idempotency, and its answer cannot be kept to be given again: ${p.reason}.`,
    fix: 'Answer with plain data, and offer large content at another address.',
  },
  IDEMPOTENCY_INVALID: {
    status: 500,
    title: 'Invalid idempotency option',
    detail: (p: { route: string; found: string }) => `Route ${p.route} has idempotency: ${p.found}.`,
    fix: "Give 'required', 'optional', false, or { mode, ttl, lease, wait, key, keep }.",
  },
}
