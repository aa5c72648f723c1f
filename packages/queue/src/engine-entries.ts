/** What can be wrong with the queue as a whole: its surroundings and its engine. */
export const engineEntries = {
  QUEUE_NOT_BOOTED: {
    status: 500,
    title: 'No queue is running',
    detail: (p: { job: string }) => `${p.job} was dispatched where no application with queue() is booted.`,
    fix: 'Add queue({ jobs }) to the extensions, and dispatch after app.ready().',
  },
  QUEUE_OPTION_INVALID: {
    status: 500,
    title: 'Invalid option',
    detail: (p: { command: string; option: string; found: string; expected: string }) =>
      `glueful ${p.command}: ${p.option} is ${p.found}; expected ${p.expected}.`,
    fix: 'See the command with --help.',
  },
  QUEUE_LIMIT_INVALID: {
    status: 500,
    title: 'Invalid limit of a queue',
    detail: (p: { queue: string; option: string; found: string; expected: string }) =>
      `queue({ queues }): of ${p.queue}, ${p.option} is ${p.found}; expected ${p.expected}.`,
    fix: 'Correct the limit. Limits by key belong to jobs: concurrency and rateLimit of job().',
  },
  QUEUE_DRIVER_WITHOUT_WORKERS: {
    status: 500,
    title: 'Nothing to work on',
    detail: () => 'QUEUE_DRIVER is sync: jobs run where they are dispatched, and no queue keeps any.',
    fix: 'Set QUEUE_DRIVER=database, or leave it out.',
  },
  QUEUE_WITHOUT_DATABASE: {
    status: 500,
    title: 'Nothing is stored',
    detail: () => 'QUEUE_DRIVER is sync: failures are thrown where jobs are dispatched, and none are stored.',
    fix: 'Set QUEUE_DRIVER=database, or leave it out.',
  },
  QUEUE_REDIS_NOT_DURABLE: {
    status: 500,
    title: 'Redis may lose jobs',
    detail: (p: { found: readonly string[] }) => `QUEUE_DRIVER is redis, and the server at REDIS_URL may lose jobs: ${p.found.join('; ')}.`,
    fix: 'Set appendonly yes and maxmemory-policy noeviction, or accept the loss by QUEUE_REDIS_ALLOW_LOSS=true.',
  },
  QUEUE_REDIS_UNREACHABLE: {
    status: 500,
    title: 'Redis does not answer',
    detail: (p: { patience: string }) => `QUEUE_DRIVER is redis, and the server at REDIS_URL has not answered for ${p.patience}.`,
    fix: 'Start it, or correct REDIS_URL; QUEUE_DRIVER=database does without it.',
  },
  QUEUE_REDIS_MISSING: {
    status: 500,
    title: 'Redis is not configured',
    detail: () => 'QUEUE_DRIVER is redis, and REDIS_URL is not set.',
    fix: 'Set REDIS_URL, or QUEUE_DRIVER=database.',
  },
  SCHEDULE_INVALID: {
    status: 500,
    title: 'Invalid schedule',
    detail: (p: { found: string; reason: string }) => `The schedule ${p.found} is not valid: ${p.reason}.`,
    fix: 'Correct it; glueful schedule test NAME prints the times of a valid one.',
  },
  SCHEDULE_UNKNOWN: {
    status: 404,
    title: 'Unknown schedule',
    detail: (p: { name: string; known: readonly string[] }) =>
      `There is no schedule '${p.name}'; there are ${p.known.length === 0 ? 'none' : p.known.join(', ')}.`,
    fix: 'See glueful schedule list.',
  },
  DEAD_LETTER_UNKNOWN: {
    status: 404,
    title: 'No such dead letter',
    detail: (p: { id: string; state: string | undefined }) =>
      p.state === undefined ? `There is no dead letter ${p.id}.` : `The dead letter ${p.id} is ${p.state} already.`,
    fix: '',
  },
  DEAD_LETTER_SELECTION_EMPTY: {
    status: 422,
    title: 'Nothing is selected',
    detail: () => 'No dead letters are named.',
    fix: 'Give ids, a fingerprint, a job or a queue; all: true means every one.',
  },
  DEAD_LETTER_OPTION_INVALID: {
    status: 422,
    title: 'Invalid option',
    detail: (p: { option: string; found: string; expected: string }) => `${p.option} is ${p.found}; expected ${p.expected}.`,
    fix: 'Correct the value.',
  },
  QUEUE_TEST_ENDLESS: {
    status: 500,
    title: 'The queue does not become empty',
    detail: (p: { limit: number; job: string }) => `${p.limit} jobs have run and more are due; the last one was ${p.job}.`,
    fix: 'A job that dispatches itself without a delay never ends; let a test run it with runNext().',
  },
} as const
