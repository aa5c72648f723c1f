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
  QUEUE_DRIVER_WITHOUT_WORKERS: {
    status: 500,
    title: 'Nothing to work on',
    detail: () => 'QUEUE_DRIVER is sync: jobs run where they are dispatched, and no queue keeps any.',
    fix: 'Set QUEUE_DRIVER=database, or leave it out.',
  },
  QUEUE_TEST_ENDLESS: {
    status: 500,
    title: 'The queue does not become empty',
    detail: (p: { limit: number; job: string }) => `${p.limit} jobs have run and more are due; the last one was ${p.job}.`,
    fix: 'A job that dispatches itself without a delay never ends; let a test run it with runNext().',
  },
} as const
