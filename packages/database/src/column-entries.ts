/** Mistakes in the description of a table. */
export const columnEntries = {
  COLUMN_INVALID: {
    status: 500,
    title: 'Invalid column',
    detail: (p: { type: string; problem: string; expected: string }) => `A column of the type ${p.type} cannot be: ${p.problem}; expected ${p.expected}.`,
    fix: 'Correct the column.',
  },
}
