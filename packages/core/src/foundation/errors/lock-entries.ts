/** Locks, and calls to others that are cut off. */
export const lockEntries = {
  LOCK_NOT_ACQUIRED: {
    status: 409,
    title: 'Conflict',
    detail: (p: { name: string }) => `Somebody else has the lock ${p.name}.`,
    fix: '',
  },
  LOCK_LOST: {
    status: 500,
    title: 'Lock lost',
    detail: (p: { name: string }) => `The lock ${p.name} was lost before it was given back: it has expired, or its store has forgotten it.`,
    fix: 'Give it a longer ttl or extend: true, and hand its token to what it protects.',
  },
  LOCK_INVALID: {
    status: 500,
    title: 'Invalid lock',
    detail: (p: { name: string; reason: string }) => `The lock ${JSON.stringify(p.name)} cannot be taken: ${p.reason}.`,
    fix: 'See docs/locks-and-breakers.md.',
  },
  LOCKS_UNAVAILABLE: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'The store of locks does not answer.',
    fix: '',
  },
  BREAKER_OPEN: {
    status: 503,
    title: 'Service Unavailable',
    detail: (p: { name: string }) => `${p.name} does not answer at the moment, and is not asked.`,
    fix: '',
  },
  BULKHEAD_FULL: {
    status: 503,
    title: 'Service Unavailable',
    detail: (p: { name: string }) => `As many calls to ${p.name} as may run at the same time are running.`,
    fix: '',
  },
  BREAKER_INVALID: {
    status: 500,
    title: 'Invalid circuit breaker',
    detail: (p: { name: string; reason: string }) => `The breaker ${JSON.stringify(p.name)} cannot be made: ${p.reason}.`,
    fix: 'See docs/locks-and-breakers.md.',
  },
}
