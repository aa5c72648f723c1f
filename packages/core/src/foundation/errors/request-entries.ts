/** What goes wrong with a request: at the edge, in its body, in its answer, and in calls to others. */
export const requestEntries = {
  // outgoing HTTP
  OUTGOING_FAILED: {
    status: 502,
    title: 'Bad Gateway',
    detail: (p: { name: string; method: string; url: string; reason: string }) => `${p.name} could not be reached: ${p.method} ${p.url} failed (${p.reason}).`,
    fix: '',
  },
  OUTGOING_PATH_INVALID: {
    status: 500,
    title: 'Invalid path',
    detail: (p: { name: string; path: string; base: string }) => `${JSON.stringify(p.path)} leads out of ${p.base}, where the client ${p.name} stays.`,
    fix: 'Encode what comes from outside (encodeURIComponent), and give another base its own client.',
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
  FIELD_UNREADABLE: {
    status: 500,
    title: 'Field that nothing can fill',
    detail: (p: { route: string; place: string; field: string; type: string }) =>
      `The ${p.place} of route ${p.route} has the field '${p.field}' as a ${p.type}, and what arrives there is text.`,
    fix: 'Make it of the text: z.coerce.number(), z.coerce.bigint(), z.stringbool(), z.coerce.date().',
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
    detail: (p: { route: string; found: string; known: readonly string[] }) =>
      `Route ${p.route} accepts ${JSON.stringify(p.found)}; there are ${p.known.join(', ')}.`,
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
  HTTPS_REQUIRED: {
    status: 403,
    title: 'Forbidden',
    detail: () => 'This API answers over HTTPS only. What was sent has travelled unencrypted: credentials among it should be replaced.',
    fix: '',
  },
  HOST_MALFORMED: {
    status: 400,
    title: 'Bad Request',
    detail: () => 'The request names several hosts, or one that is none.',
    fix: '',
  },
  CLIENT_CLOSED_REQUEST: {
    status: 499,
    title: 'Client Closed Request',
    detail: () => 'The client closed the connection before the answer was there.',
    fix: '',
  },
  EXPECTATION_FAILED: {
    status: 417,
    title: 'Expectation Failed',
    detail: () => 'Nothing but 100-continue can be expected.',
    fix: '',
  },
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
  CREDENTIALS_CONFLICT: {
    status: 401,
    title: 'Unauthorized',
    detail: () => 'The request carries credentials of two different callers.',
    fix: '',
  },
  PERMISSION_DENIED: {
    status: 403,
    title: 'Forbidden',
    detail: (p: { permission: string }) => `This needs the permission '${p.permission}', which the caller does not have.`,
    fix: '',
  },
  POLICY_DENIED: {
    status: 403,
    title: 'Forbidden',
    detail: (p: { ability: string; kind: string }) => `The caller may not ${p.ability} this ${p.kind}.`,
    fix: '',
  },
  POLICY_MISSING: {
    status: 500,
    title: 'No policy',
    detail: (p: { ability: string; kind: string }) => `No policy says who may '${p.ability}' a ${p.kind}.`,
    fix: 'Add policy(…) with this ability to the policies of auth(), or give the authorizer an allows().',
  },
  SCOPE_MISSING: {
    status: 403,
    title: 'Forbidden',
    detail: (p: { missing: readonly string[] }) => `The credentials lack the scope ${p.missing.map((scope) => `'${scope}'`).join(', ')}.`,
    fix: '',
  },
}
