/** What keeps an application from starting: settings, services, routes, metrics, server. */
export const bootEntries = {
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

  OPTION_UNKNOWN: {
    status: 500,
    title: 'Unknown option',
    detail: (p: { owner: string; option: string; names: readonly string[]; suggestion: string | undefined }) =>
      `${p.owner} has no option '${p.option}'.` + (p.suggestion === undefined ? ` There are ${p.names.join(', ')}.` : ` Did you mean '${p.suggestion}'?`),
    fix: 'Correct the name, or take it out: nothing reads it.',
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
  ACCEPTED_RISK_WITHOUT_REASON: {
    status: 500,
    title: 'Risk accepted without a reason',
    detail: (p: { by: string; id: string }) => `${p.by} accepts the risk ${p.id} and does not say why.`,
    fix: "Give the reason as text: acceptRisks: { NO_AUTHENTICATION: 'anybody may sign up' }.",
  },
  UNKNOWN_ROUTE_OPTION: {
    status: 500,
    title: 'Unknown route option',
    detail: (p: { route: string; option: string; suggestion: string | undefined; known: readonly string[] }) =>
      `Route ${p.route} has the option '${p.option}', which nothing reads.` +
      (p.suggestion === undefined ? ` Known options: ${p.known.join(', ')}.` : ` Did you mean '${p.suggestion}'?`),
    fix: 'Correct the name, or add the extension that provides the option.',
  },

  // access
  AUTH_STRATEGY_UNKNOWN: {
    status: 500,
    title: 'Unknown strategy',
    detail: (p: { route: string; found: string; suggestion: string | undefined; known: readonly string[] }) =>
      `Route ${p.route} authenticates by ${p.found}, and ` +
      (p.known.length === 0 ? 'the application has no strategies.' : `there is ${p.known.join(', ')}.`) +
      (p.suggestion === undefined ? '' : ` Did you mean '${p.suggestion}'?`),
    fix: 'Add auth() of @glueful/auth to the extensions, or the strategy to strategies.',
  },
  AUTH_STRATEGY_TAKEN: {
    status: 500,
    title: 'Two strategies of one name',
    detail: (p: { name: string }) => `Two strategies are called '${p.name}'.`,
    fix: 'Rename one of them.',
  },
  AUTH_STRATEGY_INVALID: {
    status: 500,
    title: 'Invalid name of a strategy',
    detail: (p: { name: string }) => `A strategy is called ${JSON.stringify(p.name)}.`,
    fix: "Start with a letter, go on with letters, digits, _ and -; 'optional' and 'given' are reserved.",
  },
  AUTHORIZER_MISSING: {
    status: 500,
    title: 'Nobody decides about permissions',
    detail: (p: { route: string; permission: string }) => `Route ${p.route} asks for the permission '${p.permission}', and nothing provides the authorizer.`,
    fix: 'Add auth() of @glueful/auth to the extensions, or provide(Authorizer, …) to services.',
  },
  ACCESS_CONTRADICTORY: {
    status: 500,
    title: 'Contradicting rules of access',
    detail: (p: { route: string; reason: string }) => `Route ${p.route} ${p.reason}.`,
    fix: 'Remove one of them: false lifts what a group or the defaults say.',
  },
  ACCESS_NAME_INVALID: {
    status: 500,
    title: 'Invalid name of a permission or scope',
    detail: (p: { route: string; option: string; found: string }) => `Route ${p.route} has ${JSON.stringify(p.found)} in ${p.option}.`,
    fix: "Give words between dots or colons, such as 'orders.refund' or 'orders:read'; wildcards are for those who hold them.",
  },
  AUDIT_INVALID: {
    status: 500,
    title: 'Invalid audit',
    detail: (p: { route: string; found: string }) => `Route ${p.route} has audit: ${p.found}.`,
    fix: "Give an action such as 'car.created', or an object of action, target, before and after, the last three functions.",
  },
  AUDIT_LOG_MISSING: {
    status: 500,
    title: 'No audit log',
    detail: (p: { route: string }) => `Route ${p.route} is to be audited, and there is no audit log.`,
    fix: 'Add auth() of @glueful/auth to the extensions, or provide AuditLog.',
  },

  // settings
  SETTINGS_INVALID: {
    status: 500,
    title: 'Settings are not valid',
    detail: (p: { lines: readonly string[] }) =>
      `${p.lines.length === 1 ? 'A setting is' : `${p.lines.length} settings are`} not valid:\n${p.lines.map((line) => `  ${line}`).join('\n')}\n`,
    fix: 'Set them in the environment or in .env; glueful env check lists all differences.',
  },
  SETTING_DECLARED_TWICE: {
    status: 500,
    title: 'Setting declared twice',
    detail: (p: { name: string; first: string; second: string }) => `${p.name} is declared as ${p.first} and as ${p.second}.`,
    fix: 'Declare it once, or alike in both places.',
  },
  SETTING_DECLARATION_INVALID: {
    status: 500,
    title: 'Setting declared wrongly',
    detail: (p: { name: string; reason: string }) => `The setting ${JSON.stringify(p.name)} is declared wrongly: ${p.reason}.`,
    fix: 'Correct the call of env that declares it.',
  },
  DOTENV_UNREADABLE: {
    status: 500,
    title: 'Unreadable .env file',
    detail: (p: { file: string; reason: string }) => `${p.file} is there and cannot be read (${p.reason}).`,
    fix: 'Make it a file that the process may read, or remove it.',
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
    fix: '',
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

  // server
  PORT_UNAVAILABLE: {
    status: 500,
    title: 'Port not available',
    detail: (p: { port: number; host: string; reason: string }) => `Cannot listen on ${p.host}:${p.port} (${p.reason}).`,
    fix: 'Set PORT to a free one, or stop the process that uses it; HOST is an address of this machine.',
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
}
