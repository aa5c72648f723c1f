/** Errors of tokens and their keys. */
export const tokenEntries = {
  TOKEN_INVALID: {
    status: 401,
    title: 'Unauthorized',
    detail: () => 'The token is not valid.',
    fix: '',
  },
  TOKEN_EXPIRED: {
    status: 401,
    title: 'Unauthorized',
    detail: () => 'The token has expired.',
    fix: '',
  },
  TOKEN_REVOKED: {
    status: 401,
    title: 'Unauthorized',
    detail: () => 'The token has been revoked.',
    fix: '',
  },
  TOKEN_KEY_INVALID: {
    status: 500,
    title: 'Invalid key for tokens',
    detail: (p: { source: string; reason: string }) => `The key from ${p.source} cannot be used: ${p.reason}.`,
    fix: 'Make one with glueful key generate, or: openssl genpkey -algorithm ed25519.',
  },
  TOKEN_KEY_MISSING: {
    status: 500,
    title: 'No key for tokens',
    detail: () => 'No key is active that could sign tokens.',
    fix: 'Run glueful key generate, or set JWT_KEY_FILES, or JWT_SECRET for a single service.',
  },
  TOKEN_KEYS_AMBIGUOUS: {
    status: 500,
    title: 'Two sources of keys',
    detail: () => 'Both JWT_SECRET and JWT_KEY_FILES are set.',
    fix: 'Set one of them.',
  },
  FOREIGN_KEYS_UNAVAILABLE: {
    status: 503,
    title: 'Service Unavailable',
    detail: (p: { url: string; reason: string }) => `The keys at ${p.url} cannot be fetched: ${p.reason}.`,
    fix: '',
  },
}
