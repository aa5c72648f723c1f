/** What can be wrong with the queue as a whole: its surroundings and its engine. */
export const engineEntries = {
  QUEUE_NOT_BOOTED: {
    status: 500,
    title: 'No queue is running',
    detail: (p: { job: string }) => `${p.job} was dispatched where no application with queue() is booted.`,
    fix: 'Add queue({ jobs }) to the extensions, and dispatch after app.ready().',
  },
  QUEUE_TEST_ENDLESS: {
    status: 500,
    title: 'The queue does not become empty',
    detail: (p: { limit: number; job: string }) => `${p.limit} jobs have run and more are due; the last one was ${p.job}.`,
    fix: 'A job that dispatches itself without a delay never ends; let a test run it with runNext().',
  },
} as const
