/** What keeps a database from being reached. */
export const connectionEntries = {
  DATABASE_URL_INVALID: {
    status: 500,
    title: 'Invalid database URL',
    // The URL may hold a password, so it is not shown.
    detail: (p: { setting: string; reason: string }) => `${p.setting} is not the URL of a database: ${p.reason}.`,
    fix: 'Write sqlite:./data/app.sqlite, sqlite::memory:, postgres://user:password@host:5432/name or mysql://user:password@host:3306/name.',
  },
  DATABASE_START_FAILED: {
    status: 500,
    title: 'The database cannot be used',
    detail: (p: { connection: string; target: string; reason: string }) =>
      `The database connection '${p.connection}' (${p.target}) does not work: ${p.reason}.`,
    fix: 'Correct its URL, or start the server; glueful db create makes a database that does not exist yet.',
  },
  DATABASE_NOT_READY: {
    status: 500,
    title: 'No database',
    detail: () => 'A query was made where no application with a database has been started.',
    fix: 'Add database() to the extensions, and await app.ready() before using models outside of requests.',
  },
  DATABASE_CLOSED: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'The database connection is closed, because the application is stopping.',
    fix: 'Finish the work before the application stops.',
  },
  DATABASE_CONNECTION_UNKNOWN: {
    status: 500,
    title: 'Unknown database connection',
    detail: (p: { name: string; known: readonly string[]; suggestion: string | undefined }) =>
      `There is no database connection '${p.name}'; there are: ${p.known.join(', ')}.${p.suggestion === undefined ? '' : ` Did you mean '${p.suggestion}'?`}`,
    fix: 'Name it in database({ connections: { … } }).',
  },
  DATABASE_BUSY: {
    status: 503,
    title: 'Service Unavailable',
    detail: (p: { waitedMs: number }) => `No database connection became free within ${p.waitedMs} ms.`,
    fix: 'Keep transactions short, never wait for something else inside one, or raise DATABASE_POOL_MAX.',
  },
  DATABASE_UNREACHABLE: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'The database does not answer.',
    fix: 'The cause says what was tried.',
  },
  DATABASE_CONNECTION_LOST: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'The connection to the database was lost; what was under way has not been carried out.',
    fix: 'Try again.',
  },
}
