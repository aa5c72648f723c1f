/** What is wrong with the stores that several processes share. */
export const redisEntries = {
  REDIS_URL_INVALID: {
    status: 500,
    title: 'Invalid REDIS_URL',
    detail: (p: { reason: string }) => `REDIS_URL cannot be used: ${p.reason}.`,
    fix: 'Give redis://user:password@host:port/0, or rediss:// for TLS; percent-encode special characters of user and password.',
  },
  REDIS_UNSUITABLE: {
    status: 500,
    title: 'Redis cannot be used',
    detail: (p: { address: string; reason: string }) => `The Redis at ${p.address} cannot be used: ${p.reason}.`,
    fix: 'Correct REDIS_URL or the server.',
  },
  STORE_NOT_SHARED: {
    status: 500,
    title: 'Store of one process in several',
    detail: (p: { setting: string; chosen: boolean }) =>
      p.chosen
        ? `${p.setting} is memory, and several processes serve the application: each would count for itself.`
        : `Several processes serve the application, and ${p.setting} finds no store that they share.`,
    fix: 'Set REDIS_URL, or add the database() extension, or run one worker.',
  },
  STORE_UNAVAILABLE: {
    status: 500,
    title: 'Store not available',
    detail: (p: { setting: string; found: string; reason: string }) => `${p.setting} is ${p.found}, and ${p.reason}.`,
    fix: 'Provide it, or leave the setting out.',
  },
}
