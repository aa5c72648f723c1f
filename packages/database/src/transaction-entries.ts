/** What becomes of transactions that do not simply commit. */
export const transactionEntries = {
  TRANSACTION_ENDED: {
    status: 500,
    title: 'The transaction is over',
    detail: () => 'A query was made inside a transaction that had already ended; it would have run outside of it.',
    fix: 'Await everything that the transaction starts; use afterCommit for what comes later, or outsideTransaction for what does not belong to it.',
  },
  TRANSACTION_OPTIONS_NESTED: {
    status: 500,
    title: 'Options of a nested transaction',
    detail: (p: { option: string }) => `A transaction inside another asks for '${p.option}', which only the outer one can have.`,
    fix: 'Move the option to the outermost transaction.',
  },
  TRANSACTION_READ_ONLY: {
    status: 500,
    title: 'Write in a read-only transaction',
    detail: () => 'A statement that writes was made in a read-only transaction.',
    fix: 'Leave readOnly out, or move the write.',
  },
  LOCK_TIMEOUT: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'A record or the database was locked by somebody else for too long.',
    fix: 'Keep transactions short.',
  },
  TRANSACTION_ABORTED: {
    status: 500,
    title: 'The transaction was rolled back',
    detail: () => 'A statement in the transaction had failed and the error was caught, so that the database can only roll back.',
    fix: 'Let errors leave the transaction, or try what may fail in a nested transaction.',
  },
  DEADLOCK: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'Two transactions waited for each other, and the database rolled this one back.',
    fix: 'Change records in the same order everywhere.',
  },
  SERIALIZATION_FAILURE: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'Another transaction changed what this one had read, and the database rolled this one back.',
    fix: 'Keep transactions short, or allow more retries.',
  },
  COMMIT_OUTCOME_UNKNOWN: {
    status: 500,
    title: 'Outcome unknown',
    detail: () => 'The connection to the database was lost while committing, so that the changes may or may not be there.',
    fix: 'Look whether they are before doing anything again; it was not tried again.',
  },
  TRIAL_STATEMENT_REFUSED: {
    status: 500,
    title: 'Statement refused in a trial',
    detail: (p: { statement: string }) => `A trial is rolled back at its end, and this would end its transaction: ${p.statement}`,
    fix: 'Use transaction(…) of the database, and change tables by migrations.',
  },
}
