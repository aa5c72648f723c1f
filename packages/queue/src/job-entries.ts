/** What can be wrong with a job: its declaration, its payload, its run. */
export const jobEntries = {
  JOB_OPTION_INVALID: {
    status: 500,
    title: 'Invalid job option',
    detail: (p: { job: string; option: string; found: string; expected: string }) => `Job ${p.job}: ${p.option} is ${p.found}; expected ${p.expected}.`,
    fix: 'Correct the option.',
  },
  JOB_MIDDLEWARE_INVALID: {
    status: 500,
    title: 'Invalid option of a middleware',
    detail: (p: { middleware: string; option: string; found: string; expected: string }) =>
      `${p.middleware}: ${p.option} is ${p.found}; expected ${p.expected}.`,
    fix: 'Correct the option.',
  },
  JOB_NAME_TAKEN: {
    status: 500,
    title: 'Job name is taken',
    detail: (p: { job: string }) => `Two jobs are named '${p.job}'.`,
    fix: 'Give each job a name of its own; stored jobs are found by it.',
  },
  JOB_UNKNOWN: {
    status: 500,
    title: 'Unknown job',
    detail: (p: { job: string; suggestion: string | undefined }) =>
      `The queue knows no job '${p.job}'.` + (p.suggestion === undefined ? '' : ` Is '${p.suggestion}' meant?`),
    fix: 'Add it to queue({ jobs }); while a renamed job may still be stored, keep the old name too.',
  },
  JOB_PAYLOAD_INVALID: {
    status: 500,
    title: 'Invalid job payload',
    detail: (p: { job: string; faults: readonly string[] }) => `The payload of ${p.job} does not fit its schema: ${p.faults.join('; ')}.`,
    fix: 'Dispatch what the schema accepts as JSON; a payload that an older release stored goes through the upgrade function of the job.',
  },
  JOB_PAYLOAD_UNSERIALIZABLE: {
    status: 500,
    title: 'Job payload is no JSON',
    detail: (p: { job: string; reason: string }) => `The payload of ${p.job} cannot be stored as JSON: ${p.reason}.`,
    fix: 'Pass plain data: ids rather than objects, dates as text.',
  },
  JOB_PAYLOAD_TOO_LARGE: {
    status: 500,
    title: 'Job payload is too large',
    detail: (p: { job: string; size: number; limit: number }) => `The payload of ${p.job} has ${p.size} bytes; at most ${p.limit} are stored.`,
    fix: 'Store the data and pass its id, or raise payloadLimit of queue().',
  },
  JOB_DUPLICATE: {
    status: 409,
    title: 'Job is queued already',
    detail: (p: { job: string; key: string; id: string }) => `${p.job} with the key '${p.key}' is queued already, as ${p.id}.`,
    fix: "Use unique.onConflict 'existing' or 'replace' where that is fine.",
  },
  JOB_TIMED_OUT: {
    status: 500,
    title: 'Job took too long',
    detail: (p: { job: string; timeoutMs: number }) => `${p.job} was not done within ${p.timeoutMs} ms; its signal was aborted.`,
    fix: 'Raise timeout, or make the job smaller.',
  },
  JOB_CANCELLED: {
    status: 409,
    title: 'Job was cancelled',
    detail: (p: { job: string; id: string }) => `${p.job} ${p.id} was cancelled.`,
    fix: '',
  },
  JOB_HANDED_BACK: {
    status: 500,
    title: 'Job was handed back',
    detail: (p: { job: string }) => `${p.job} asked to run later, so that what it wrote in its transaction is rolled back.`,
    fix: '',
  },
  JOB_WORKER_STOPPING: {
    status: 500,
    title: 'The worker stops',
    detail: (p: { job: string }) => `${p.job} was handed back because its worker stops.`,
    fix: 'Another worker takes it up; a longer SHUTDOWN_TIMEOUT lets it finish.',
  },
  JOB_THREAD_EXITED: {
    status: 500,
    title: 'The thread of a job ended',
    detail: (p: { job: string; code: number }) => `The thread that ran ${p.job} exited with code ${p.code}.`,
    fix: 'Return the result instead of ending the thread; a thread that runs out of memory ends too.',
  },
  JOB_THREAD_NOT_SANDBOXED: {
    status: 422,
    title: 'Not in a sandbox',
    detail: (p: { job: string }) => `${p.job} runs in a thread, where nothing of what it does could be held back.`,
    fix: 'Retry it, or run the module of its thread by hand.',
  },
  JOB_LEASE_LOST: {
    status: 500,
    title: 'The worker lost its lease',
    detail: (p: { job: string; id: string }) => `${p.job} ${p.id} belongs to another worker now; what this one did is not recorded.`,
    fix: 'Work that blocks the event loop for longer than the lease belongs into a thread: inThread(…).',
  },
} as const
