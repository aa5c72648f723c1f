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
  INVALID_NUMBER: {
    status: 500,
    title: 'Invalid number',
    detail: (p: { name: string; found: string; expected: string }) => `${p.name} is ${p.found}; expected: ${p.expected}.`,
    fix: 'Correct the option.',
  },

  // concurrency
  TIMED_OUT: {
    status: 504,
    title: 'Gateway Timeout',
    detail: (p: { timeoutMs: number }) => `The work was not done within ${p.timeoutMs} ms.`,
    fix: '',
  },
  RACE_EMPTY: {
    status: 500,
    title: 'A race without tasks',
    detail: () => 'race was given no tasks, and would never settle.',
    fix: 'Give it at least one.',
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

  // settings
  SETTINGS_INVALID: {
    status: 500,
    title: 'Settings are not valid',
    detail: (p: { lines: readonly string[] }) => `${p.lines.length === 1 ? 'A setting is' : `${p.lines.length} settings are`} not valid:\n${p.lines.map((line) => `  ${line}`).join('\n')}\n`,
    fix: 'Set them in the environment or in .env; glueful env check lists all differences.',
  },
  SETTING_DECLARED_TWICE: {
    status: 500,
    title: 'Setting declared twice',
    detail: (p: { name: string; first: string; second: string }) => `${p.name} is declared as ${p.first} and as ${p.second}.`,
    fix: 'Rename one of them.',
  },
  DOTENV_MALFORMED: {
    status: 500,
    title: 'Malformed .env file',
    detail: (p: { file: string; line: number; reason: string }) => `Line ${p.line} of ${p.file} cannot be read: ${p.reason}.`,
    fix: 'Write NAME=value, with quotes around values that contain spaces or #.',
  },

  ENVIRONMENT_UNKNOWN: {
    status: 500,
    title: 'Unknown environment',
    detail: (p: { found: string }) => `APP_ENV (or NODE_ENV) is ${JSON.stringify(p.found)}.`,
    fix: 'Set it to development, test or production.',
  },

  // services
  SERVICE_MISSING: {
    status: 500,
    title: 'Service not provided',
    detail: (p: { name: string; path: string; suggestion: string | undefined }) =>
      `Nothing provides the service '${p.name}' (${p.path}).` + (p.suggestion === undefined ? '' : ` Is '${p.suggestion}' meant?`),
    fix: 'Add provide(…) to services, or the extension that provides it.',
  },
  SERVICE_CYCLE: {
    status: 500,
    title: 'Services depend on each other in a circle',
    detail: (p: { path: string }) => `To make a service, itself is needed: ${p.path}.`,
    fix: 'Let one of them ask for the other when it is called instead of when it is made.',
  },
  SERVICE_SCOPE_MISMATCH: {
    status: 500,
    title: 'A request service outside a request',
    detail: (p: { name: string; path: string }) => `The service '${p.name}' lives as long as a request, and was asked for where there is none (${p.path}).`,
    fix: 'Give the asking service the lifetime request, or this one the lifetime singleton.',
  },
  SERVICE_PROVIDED_TWICE: {
    status: 500,
    title: 'Service provided twice',
    detail: (p: { name: string }) => `Two providers offer the service '${p.name}'.`,
    fix: 'Remove one; tests replace services by app.swap.',
  },
  SERVICE_CREATE_FAILED: {
    status: 500,
    title: 'Service cannot be made',
    detail: (p: { name: string; path: string; reason: string }) => `The factory of the service '${p.name}' failed (${p.path}): ${p.reason}`,
    fix: 'See the cause; what may fail for a while, such as connecting, belongs into start.',
  },
  SERVICE_FACTORY_ASYNC: {
    status: 500,
    title: 'Factory of a service is asynchronous',
    detail: (p: { name: string }) => `The factory of the service '${p.name}' returned a promise.`,
    fix: 'Construct the value in the factory, and do in start what has to be awaited.',
  },
  SERVICE_NOT_STARTED: {
    status: 500,
    title: 'Service not started',
    detail: (p: { name: string }) => `The service '${p.name}' was asked for before it had started.`,
    fix: 'Await app.ready() first, or ask for it in the factory of the service that needs it.',
  },
  SERVICE_STOPPED: {
    status: 500,
    title: 'Service stopped',
    detail: (p: { name: string }) => `The service '${p.name}' was asked for after it had stopped.`,
    fix: 'Ask for it before the application closes.',
  },
  SERVICES_STOPPED: {
    status: 500,
    title: 'Services stopped',
    detail: () => 'The services were stopped before all of them had started.',
    fix: 'Nothing to do where that was meant; what was closed cannot be started again.',
  },
  SERVICE_REQUEST_ENDED: {
    status: 500,
    title: 'Request has ended',
    detail: (p: { name: string }) => `The service '${p.name}' lives as long as a request, and was asked for after its request had ended.`,
    fix: 'Ask for it while the request is handled, or give it the lifetime singleton.',
  },
  SERVICE_START_FAILED: {
    status: 500,
    title: 'Service did not start',
    detail: (p: { name: string; reason: string }) => `The service '${p.name}' did not start: ${p.reason}`,
    fix: 'See the cause.',
  },
  SERVICE_START_TIMEOUT: {
    status: 500,
    title: 'Service takes too long to start',
    detail: (p: { name: string; timeoutMs: number }) => `The service '${p.name}' had not started after ${p.timeoutMs} ms.`,
    fix: 'Bound what its start waits for, and give up when its signal is aborted.',
  },
  SERVICE_STOP_FAILED: {
    status: 500,
    title: 'Services did not stop',
    detail: (p: { failures: readonly string[] }) => `These services did not stop cleanly: ${p.failures.join(', ')}.`,
    fix: 'See the cause.',
  },
  SERVICE_STOP_TIMEOUT: {
    status: 500,
    title: 'Service takes too long to stop',
    detail: (p: { name: string; timeoutMs: number }) => `The service '${p.name}' had not stopped after ${p.timeoutMs} ms.`,
    fix: 'Bound what its stop waits for.',
  },
  APP_NOT_READY: {
    status: 500,
    title: 'Application not ready',
    detail: (p: { asked: string }) => `The application was asked for ${p.asked} before it was ready.`,
    fix: 'Await app.ready() first.',
  },

  // metrics
  METRIC_INVALID: {
    status: 500,
    title: 'Invalid metric',
    detail: (p: { name: string; reason: string }) => `The metric ${p.name} is not valid: ${p.reason}.`,
    fix: 'See https://prometheus.io/docs/concepts/data_model/ for names and labels.',
  },

  // outgoing HTTP
  OUTGOING_FAILED: {
    status: 502,
    title: 'Bad Gateway',
    detail: (p: { name: string; method: string; url: string; reason: string }) => `${p.name} could not be reached: ${p.method} ${p.url} failed (${p.reason}).`,
    fix: '',
  },
  OUTGOING_STATUS: {
    status: 502,
    title: 'Bad Gateway',
    detail: (p: { name: string; method: string; url: string; status: number }) => `${p.name} answered ${p.method} ${p.url} with ${p.status}.`,
    fix: '',
  },
  OUTGOING_NOT_JSON: {
    status: 502,
    title: 'Bad Gateway',
    detail: (p: { url: string }) => `${p.url} answered something that is not JSON.`,
    fix: '',
  },
  OUTGOING_TOO_LARGE: {
    status: 502,
    title: 'Bad Gateway',
    detail: (p: { name: string; limit: number }) => `${p.name} answered with more than ${p.limit} bytes.`,
    fix: '',
  },

  // server
  PORT_UNAVAILABLE: {
    status: 500,
    title: 'Port not available',
    detail: (p: { port: number; host: string; reason: string }) => `Cannot listen on ${p.host}:${p.port} (${p.reason}).`,
    fix: 'Set PORT to a free one, or stop the process that uses it.',
  },

  ROUTE_TREE_INVALID: {
    status: 500,
    title: 'Not a route',
    detail: (p: { name: string; found: string }) => `The member '${p.name}' of the routes is ${p.found}.`,
    fix: 'Give a route, a group, a mount, or a record of them.',
  },
  ROUTE_PATH_INVALID: {
    status: 500,
    title: 'Invalid path',
    detail: (p: { route: string; path: string; reason: string }) => `Route ${p.route} has the path ${JSON.stringify(p.path)}: ${p.reason}.`,
    fix: "Write '/static', '/:parameter', '/:parameter(int)', '/:optional?' or '/*rest'.",
  },
  ROUTE_CONFLICT: {
    status: 500,
    title: 'Two routes answer the same request',
    detail: (p: { first: string; second: string; method: string; path: string }) => `Routes ${p.first} and ${p.second} both answer ${p.method} ${p.path}.`,
    fix: 'Change the path or the method of one of them.',
  },
  ROUTE_NAME_TAKEN: {
    status: 500,
    title: 'Route name taken',
    detail: (p: { name: string }) => `Two routes have the name ${p.name}.`,
    fix: 'Give one of them another key.',
  },
  ROUTE_UNKNOWN: {
    status: 500,
    title: 'Unknown route',
    detail: (p: { name: string; suggestion: string | undefined }) =>
      `There is no route named '${p.name}'.` + (p.suggestion === undefined ? '' : ` Did you mean '${p.suggestion}'?`),
    fix: 'See glueful routes.',
  },
  URL_PARAM_INVALID: {
    status: 500,
    title: 'Invalid path parameter',
    detail: (p: { path: string; param: string; reason: string }) => `A URL for ${p.path} cannot be built: parameter ${p.param} ${p.reason}.`,
    fix: 'Give each parameter of the path a value that it accepts.',
  },

  // edge
  INVALID_ADDRESS: {
    status: 500,
    title: 'Invalid address',
    detail: (p: { name: string; found: string }) => `${p.name} contains ${JSON.stringify(p.found)}, which is neither an address nor a network.`,
    fix: "Give addresses ('192.0.2.1', '2001:db8::1'), networks ('10.0.0.0/8'), 'loopback' or 'private'.",
  },
  INVALID_TRUST_PROXY: {
    status: 500,
    title: 'Invalid number of proxies',
    detail: (p: { found: string }) => `TRUST_PROXY is ${p.found}.`,
    fix: 'Give the number of proxies in front of the application (1 to 16), or their addresses and networks.',
  },
  INVALID_HEADER_VALUE: {
    status: 500,
    title: 'Invalid header value',
    detail: (p: { route: string; header: string }) => `Route ${p.route} sets ${p.header} to a value that no header may have.`,
    fix: 'Use visible ASCII characters on one line.',
  },
  CORS_ANY_ORIGIN_WITH_CREDENTIALS: {
    status: 500,
    title: 'CORS for any origin with credentials',
    detail: (p: { route: string }) => `Route ${p.route} allows every origin ('*') and credentials, so any page could act in its visitors' names.`,
    fix: 'List the origins, or drop credentials.',
  },
  CORS_ORIGIN_INVALID: {
    status: 500,
    title: 'Invalid CORS origin',
    detail: (p: { route: string; found: string }) => `Route ${p.route} allows the origin ${JSON.stringify(p.found)}, which no browser sends.`,
    fix: "Give scheme, host and port without a path ('https://shop.example.com'), a subdomain pattern ('https://*.example.com'), or '*'.",
  },
  HOST_INVALID: {
    status: 500,
    title: 'Invalid host name',
    detail: (p: { route: string; found: string }) => `Route ${p.route} allows the host ${JSON.stringify(p.found)}, which is not a host name.`,
    fix: "Give names in lower case without scheme and port: 'api.example.com' or '*.example.com'.",
  },
  HOST_NOT_ALLOWED: {
    status: 421,
    title: 'Misdirected Request',
    detail: () => 'This server does not answer for the host that the request names.',
    fix: '',
  },
  ADDRESS_NOT_ALLOWED: {
    status: 403,
    title: 'Forbidden',
    detail: () => 'This address may not use this resource.',
    fix: '',
  },

  INVALID_STRICT: {
    status: 500,
    title: 'Invalid value of strict',
    detail: (p: { route: string; found: string }) => `Route ${p.route} has strict: ${JSON.stringify(p.found)}.`,
    fix: "Give 'reject', 'report', 'strip', true (reject) or false (as the schema says).",
  },
  STRICT_UNSUPPORTED: {
    status: 500,
    title: 'Unknown fields cannot be found',
    detail: (p: { route: string; vendor: string }) => `Route ${p.route} has strict, and schemas of ${p.vendor} do not show which fields they know.`,
    fix: "Use a zod schema, or make the schema itself strict and remove the route's strict.",
  },
  ACCEPTS_INVALID: {
    status: 500,
    title: 'Unknown kind of body',
    detail: (p: { route: string; found: string; known: readonly string[] }) => `Route ${p.route} accepts ${JSON.stringify(p.found)}; there are ${p.known.join(', ')}.`,
    fix: 'Correct accepts.',
  },
  BODY_NOT_ALLOWED: {
    status: 500,
    title: 'Body on a method without one',
    detail: (p: { route: string; method: string }) => `Route ${p.route} describes a body, and ${p.method} requests have none (RFC 9110, 9.3.1).`,
    fix: 'Use POST, PUT or PATCH, or read the values from the query.',
  },

  // bodies
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Content Too Large',
    detail: (p: { limit: number }) => `The body is larger than the ${p.limit} bytes that this resource accepts.`,
    fix: '',
  },
  BODY_TIMEOUT: {
    status: 408,
    title: 'Request Timeout',
    detail: () => 'The body did not arrive in time.',
    fix: '',
  },
  BODY_ABORTED: {
    status: 400,
    title: 'Bad Request',
    detail: () => 'The client closed the connection before the body was complete.',
    fix: '',
  },
  BODY_MALFORMED: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { reason: string }) => `The body cannot be read: ${p.reason}.`,
    fix: '',
  },
  CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    title: 'Unsupported Media Type',
    detail: () => 'The body has a content coding that is not supported; gzip, deflate and br are, one at a time.',
    fix: '',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported Media Type',
    detail: (p: { found: string | undefined; accepted: string }) =>
      `${p.found === undefined ? 'The body has no valid Content-Type' : `A body of type ${p.found} is not accepted`}; accepted: ${p.accepted}.`,
    fix: '',
  },
  INVALID_JSON: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { reason: string }) => `The body is not valid JSON: ${p.reason}.`,
    fix: '',
  },
  INVALID_FORM: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { reason: string }) => `The body is not a valid form: ${p.reason}.`,
    fix: '',
  },
  INVALID_MULTIPART: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { reason: string }) => `The body is not valid multipart/form-data: ${p.reason}.`,
    fix: '',
  },
  UPLOAD_LIMIT_EXCEEDED: {
    status: 413,
    title: 'Content Too Large',
    detail: (p: { what: string; limit: number }) => `The upload has ${p.what}; the limit is ${p.limit}.`,
    fix: '',
  },
  UPLOAD_NOT_STORED: {
    status: 507,
    title: 'Insufficient Storage',
    detail: () => 'The upload could not be stored.',
    fix: '',
  },

  // replies
  REDIRECT_INVALID: {
    status: 500,
    title: 'Invalid location',
    detail: (p: { found: string }) => `${JSON.stringify(p.found)} cannot be sent as a location.`,
    fix: 'Give a URI reference in visible ASCII; encode other characters with encodeURI.',
  },
  FILE_NOT_FOUND: {
    status: 404,
    title: 'Not Found',
    detail: () => 'There is no such file.',
    fix: '',
  },
  RESPONSE_NOT_JSON: {
    status: 500,
    title: 'Response is not JSON',
    detail: (p: { route: string; reason: string }) => `Route ${p.route} answered with a value that JSON cannot express: ${p.reason}.`,
    fix: 'Return plain data, or a reply made by text, bytes, file or stream.',
  },
  EVENT_INVALID: {
    status: 500,
    title: 'Invalid event',
    detail: (p: { field: string; reason: string }) => `The ${p.field} of a server-sent event ${p.reason}.`,
    fix: 'Put free text into data, and give retry in whole milliseconds.',
  },
  STREAM_BROKEN: {
    status: 500,
    title: 'Stream broken',
    detail: (p: { reason: string }) => `A stream could not be sent whole: ${p.reason}.`,
    fix: 'See where the stream comes from; a declared length must be its length in bytes.',
  },
  RANGE_NOT_SATISFIABLE: {
    status: 416,
    title: 'Range Not Satisfiable',
    detail: (p: { size: number }) => `None of the ranges lies within the ${p.size} bytes of the file.`,
    fix: '',
  },
  REPLY_UNSENDABLE: {
    status: 500,
    title: 'Reply cannot be sent',
    detail: (p: { status: number; reason: string }) => `A reply with status ${p.status} cannot be sent: ${p.reason}.`,
    fix: 'Give a status from 200 to 599, and header values in visible ASCII on one line.',
  },

  // requests
  HOST_MISSING: {
    status: 400,
    title: 'Bad Request',
    detail: () => 'The request has no Host header.',
    fix: '',
  },
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
