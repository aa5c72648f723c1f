/** Rate limits, load shedding and what keeps causing errors. */
export const limitEntries = {
  RATE_LIMIT_INVALID: {
    status: 500,
    title: 'Invalid rate limit',
    detail: (p: { route: string; reason: string }) => `The rateLimit of route ${p.route} cannot be used: ${p.reason}.`,
    fix: 'See docs/rate-limits.md.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    title: 'Too Many Requests',
    detail: (p: { name: string; seconds: number }) =>
      `The limit ${p.name} is used up; try again in ${p.seconds === 1 ? 'one second' : `${p.seconds} seconds`}.`,
    fix: '',
  },
  TOO_MANY_ERRORS: {
    status: 429,
    title: 'Too Many Requests',
    detail: (p: { seconds: number }) =>
      `Too many requests from this address were answered with an error; try again in ${p.seconds === 1 ? 'one second' : `${p.seconds} seconds`}.`,
    fix: '',
  },
  ERROR_THROTTLE_INVALID: {
    status: 500,
    title: 'Invalid throttling of errors',
    detail: (p: { route: string; reason: string }) => `The errorThrottle of route ${p.route} cannot be used: ${p.reason}.`,
    fix: 'See docs/rate-limits.md.',
  },
  RATE_LIMIT_UNAVAILABLE: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'Whether this request is within its limits cannot be told at the moment.',
    fix: '',
  },
  LOAD_SHEDDING_INVALID: {
    status: 500,
    title: 'Invalid load shedding',
    detail: (p: { route: string; reason: string }) => `The loadShedding of route ${p.route} cannot be used: ${p.reason}.`,
    fix: 'See docs/rate-limits.md.',
  },
  OVERLOADED: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'The server has more to do than it can at the moment.',
    fix: '',
  },
}
