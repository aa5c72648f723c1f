/** Mistakes in factories and seeders. */
export const factoryEntries = {
  FACTORY_INVALID: {
    status: 500,
    title: 'Invalid use of a factory',
    detail: (p: { model: string; problem: string }) => `The factory of ${p.model} cannot do this: ${p.problem}.`,
    fix: 'Correct the call.',
  },
  FACTORY_RELATION_UNCLEAR: {
    status: 500,
    title: 'Unclear relation of a factory',
    detail: (p: { owner: string; target: string; method: string; found: readonly string[] }) =>
      `${p.method}(…) relates ${p.owner} with ${p.target}, and ${p.found.length === 0 ? 'no relation does that' : `${p.found.join(' and ')} do`}.`,
    fix: 'Name the relation as the second argument, or add it to the relations of the model.',
  },
}
