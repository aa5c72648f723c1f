/** What is wrong with a query or its values. Clients see details of 4xx, so they name nothing internal. */
export const queryEntries = {
  SQL_VALUE_UNDEFINED: {
    status: 500,
    title: 'Undefined in a query',
    detail: (p: { text: string; position: number }) => `Value ${p.position} of the query ${JSON.stringify(p.text)} is undefined.`,
    fix: 'Pass null for SQL null, or leave the condition out.',
  },
  SQL_VALUE_UNSUPPORTED: {
    status: 500,
    title: 'Value cannot be bound',
    detail: (p: { kind: string; position: number }) => `Value ${p.position} of a query is ${p.kind}, which no database stores.`,
    fix: 'Pass text, numbers, bigints, booleans, dates, bytes or null; JSON goes in as JSON.stringify(value).',
  },
  SQL_TEXT_INVALID: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { found: string }) => `A text contains ${p.found}, which cannot be stored.`,
    fix: 'Validate the text, or store it as bytes.',
  },
  SQL_IDENTIFIER_INVALID: {
    status: 500,
    title: 'Invalid name in a query',
    detail: (p: { found: unknown }) => `${JSON.stringify(p.found)} is not a name of a table or column.`,
    fix: 'A name has 1 to 63 bytes and no NUL.',
  },
  SQL_JOIN_EMPTY: {
    status: 500,
    title: 'Nothing to join',
    detail: () => 'sql.join was given an empty list.',
    fix: 'Answer without asking the database when the list is empty.',
  },
  SQL_STATEMENTS_SEVERAL: {
    status: 500,
    title: 'Several statements in one query',
    detail: () => 'A query holds more than one statement, and the database would run only the first.',
    fix: 'Run them one by one, or as a migration.',
  },
  QUERY_FAILED: {
    status: 500,
    title: 'Query failed',
    detail: (p: { reason: string; hint: string; text: string }) => `The database refused a query: ${p.reason}.${p.hint} The query was: ${p.text}`,
    fix: '',
  },
  UNIQUE_VIOLATION: {
    status: 409,
    title: 'Conflict',
    detail: () => 'A record with the same value exists already.',
    fix: '',
  },
  FOREIGN_KEY_VIOLATION: {
    status: 409,
    title: 'Conflict',
    detail: () => 'The record refers to one that does not exist, or others refer to it.',
    fix: '',
  },
  NOT_NULL_VIOLATION: {
    status: 422,
    title: 'Unprocessable Content',
    detail: () => 'A value that is required is missing.',
    fix: '',
  },
  CHECK_VIOLATION: {
    status: 422,
    title: 'Unprocessable Content',
    detail: () => 'A value is outside of what the data allows.',
    fix: '',
  },
  VALUE_REJECTED: {
    status: 422,
    title: 'Unprocessable Content',
    detail: () => 'A value does not fit the kind of data that it is for.',
    fix: 'Validate it before it reaches the database.',
  },
  QUERY_TIMED_OUT: {
    status: 504,
    title: 'Gateway Timeout',
    detail: () => 'The database did not answer a query in time.',
    fix: 'Look at the plan of the query, or raise DATABASE_STATEMENT_TIMEOUT.',
  },
  QUERY_BUDGET_EXCEEDED: {
    status: 500,
    title: 'More queries than allowed',
    detail: (p: { route: string; excess: string; asked: readonly string[] }) =>
      `Route ${p.route} asked too much of the database: ${p.excess}.\n${p.asked.join('\n')}\n`,
    fix: 'Load what belongs together in one query, for example relations by with(), or raise queryBudget.',
  },
  QUERY_BUDGET_INVALID: {
    status: 500,
    title: 'Invalid query budget',
    detail: (p: { route: string; found: string }) => `Route ${p.route} has the queryBudget ${p.found}.`,
    fix: 'Give a number of queries, or { queries, ms }, none negative.',
  },
  KYSELY_TRANSACTION: {
    status: 500,
    title: 'Transaction through Kysely',
    detail: () => 'A transaction was begun through db.sql, which nothing outside of it would join.',
    fix: 'Use transaction() of @glueful/database: queries of db.sql inside it belong to it.',
  },
}
