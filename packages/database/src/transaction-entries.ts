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
}
