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
  SEEDER_INVALID: {
    status: 500,
    title: 'Invalid seeder',
    detail: (p: { name: string; problem: string }) => `The seeder ${p.name} cannot be used: ${p.problem}.`,
    fix: "Write: export default seeder('cars', { run: async () => { … } })",
  },
  SEEDER_UNKNOWN: {
    status: 500,
    title: 'Unknown seeder',
    detail: (p: { name: string; by: string | undefined; known: readonly string[]; suggestion: string | undefined }) =>
      `There is no seeder '${p.name}'${p.by === undefined ? '' : `, which ${p.by} needs`}.` +
      (p.suggestion === undefined ? ` There are ${p.known.length === 0 ? 'none' : p.known.join(', ')}.` : ` Did you mean '${p.suggestion}'?`),
    fix: 'Correct the name.',
  },
  SEEDER_CYCLE: {
    status: 500,
    title: 'Seeders need each other',
    detail: (p: { path: readonly string[] }) => `Seeders need each other in a circle: ${p.path.join(' → ')}.`,
    fix: 'Take one of the names out of `after`.',
  },
}
