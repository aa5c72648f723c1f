import { defineErrors } from './define-errors.ts'

/**
 * Every error that core makes. Each code is thrown somewhere, tested, and documented in docs/errors.md;
 * `npm run check` holds the three together.
 */
export const fail = defineErrors({
  // values
  INVALID_DURATION: {
    status: 500,
    title: 'Invalid duration',
    detail: (p: { name: string; found: string }) => `${p.name} is ${JSON.stringify(p.found)}, which is not a duration.`,
    fix: "Give milliseconds as a number, or text such as '250ms', '30s', '5m', '2h' or '7d'.",
  },
  INVALID_BYTE_SIZE: {
    status: 500,
    title: 'Invalid size',
    detail: (p: { name: string; found: string }) => `${p.name} is ${JSON.stringify(p.found)}, which is not a size in bytes.`,
    fix: "Give whole bytes as a number, or text such as '64kb' or '1mb'.",
  },

  // routes
  UNKNOWN_ROUTE_OPTION: {
    status: 500,
    title: 'Unknown route option',
    detail: (p: { route: string; option: string; suggestion: string | undefined; known: readonly string[] }) =>
      `Route ${p.route} has the option '${p.option}', which nothing reads.` +
      (p.suggestion === undefined ? ` Known options: ${p.known.join(', ')}.` : ` Did you mean '${p.suggestion}'?`),
    fix: 'Correct the name, or add the extension that provides the option.',
  },

  // requests
  NOT_FOUND: {
    status: 404,
    title: 'Not Found',
    detail: (p: { path: string }) => `Nothing is served at ${p.path}.`,
    fix: '',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method Not Allowed',
    detail: (p: { method: string; path: string; allow: string }) => `${p.path} does not answer ${p.method}; it answers ${p.allow}.`,
    fix: '',
  },
  MALFORMED_PATH: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { reason: string }) => `The path of the request cannot be read: ${p.reason}.`,
    fix: '',
  },
  INTERNAL_ERROR: {
    status: 500,
    title: 'Internal Server Error',
    detail: () => 'The request could not be completed.',
    fix: '',
  },
  GATEWAY_TIMEOUT: {
    status: 504,
    title: 'Gateway Timeout',
    detail: (p: { timeoutMs: number }) => `The request was not answered within ${p.timeoutMs} ms.`,
    fix: '',
  },
  VALIDATION_FAILED: {
    status: 422,
    title: 'Unprocessable Content',
    detail: (p: { count: number }) => (p.count === 1 ? 'One field of the request is not valid.' : `${p.count} fields of the request are not valid.`),
    fix: '',
  },
  INVALID_RESPONSE: {
    status: 500,
    title: 'Response does not match its schema',
    detail: (p: { route: string; faults: string }) => `Route ${p.route} answered with a body that its response schema refuses: ${p.faults}.`,
    fix: 'Change the handler or the schema so that they agree.',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'Unauthorized',
    detail: () => 'The request carries no valid credentials.',
    fix: '',
  },
})
