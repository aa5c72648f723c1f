/** What is wrong with the declaration of a resource. */
export const resourceEntries = {
  RESOURCE_INVALID: {
    status: 500,
    title: 'Invalid resource',
    detail: (p: { model: string; problem: string }) => `A resource of ${p.model} is declared wrongly: ${p.problem}.`,
    fix: 'Name columns that are not hidden, and relations of the model, each once.',
  },
}
