/** What goes wrong with models, their queries and their relations. */
export const modelEntries = {
  VALUE_INVALID: {
    status: 422,
    title: 'Unprocessable Content',
    detail: (p: { column: string; found: string; expected: string }) => `${p.column} cannot hold ${p.found}; expected ${p.expected}.`,
    fix: '',
  },
  COLUMN_UNKNOWN: {
    status: 500,
    title: 'Unknown column',
    detail: (p: { model: string; column: string; known: readonly string[] }) =>
      `${p.model} has no column ${JSON.stringify(p.column)}; there are ${p.known.join(', ')}.`,
    fix: 'Correct the name. Let names from outside through an allow-list first.',
  },
  COLUMN_NOT_COMPARABLE: {
    status: 500,
    title: 'Column cannot be compared so',
    detail: (p: { model: string; column: string; type: string }) =>
      `${p.model}.${p.column} is ${p.type}, which databases do not compare, match or add up in this way.`,
    fix: 'Use another column, or whereSql with an expression of your own.',
  },
  MODEL_KEY_MISSING: {
    status: 500,
    title: 'Model without a key',
    detail: (p: { model: string }) => `${p.model} has no primary key, or one of several columns, and needs one column that is.`,
    fix: 'Add `id: uuid().primary()`, or ask with where.',
  },
  MODEL_NAME_TAKEN: {
    status: 500,
    title: 'Name is taken',
    detail: (p: { model: string; name: string; by: string }) => `${p.model} calls both ${p.by} ${JSON.stringify(p.name)}.`,
    fix: 'Rename one of them.',
  },
  RECORD_NOT_SAVED: {
    status: 500,
    title: 'Record is not saved',
    detail: (p: { model: string }) => `This ${p.model} has not been saved, or was read without its key.`,
    fix: 'Save it first, and let select read the key.',
  },
  VERSION_CONFLICT: {
    status: 409,
    title: 'Conflict',
    detail: (p: { model: string; key: string }) => `${p.model} ${p.key} was changed by somebody else in the meantime.`,
    fix: '',
  },
  RELATION_UNKNOWN: {
    status: 500,
    title: 'Unknown relation',
    detail: (p: { model: string; relation: string; known: readonly string[] }) =>
      `${p.model} has no relation ${JSON.stringify(p.relation)}; there ${p.known.length === 0 ? 'are none' : `are ${p.known.join(', ')}`}.`,
    fix: 'Correct the name, or add it to `static relations`.',
  },
  RELATION_INVALID: {
    status: 500,
    title: 'Relation does not work',
    detail: (p: { relation: string; problem: string; fix: string }) => `${p.relation} cannot work: ${p.problem}. ${p.fix}`,
    fix: '',
  },
  RELATION_MISSING: {
    status: 500,
    title: 'Related record is missing',
    detail: (p: { model: string; relation: string; target: string; key: string }) =>
      `A ${p.model} points at the ${p.target} ${p.key}, which does not exist, and its ${p.relation} is not optional.`,
    fix: 'Add a foreign key to the table, or say belongsTo(…, { optional: true }).',
  },
  RELATION_NOT_LOADED: {
    status: 500,
    title: 'Relation is not loaded',
    detail: (p: { model: string; relation: string }) => `${p.model}.${p.relation} was touched without having been loaded, and the query is strict.`,
    fix: 'Load it with the records: with(…), or load(…) afterwards.',
  },
  SCOPE_UNKNOWN: {
    status: 500,
    title: 'Unknown scope',
    detail: (p: { model: string; scope: string; known: readonly string[] }) =>
      `${p.model} has no global scope ${JSON.stringify(p.scope)}; there ${p.known.length === 0 ? 'are none' : `are ${p.known.join(', ')}`}.`,
    fix: 'Correct the name.',
  },
  FULL_TEXT_INVALID: {
    status: 500,
    title: 'Invalid full-text search',
    detail: (p: { owner: string; problem: string }) => `The full-text search of ${p.owner} is declared wrongly: ${p.problem}.`,
    fix: 'Correct it; see docs/full-text.md.',
  },
  FULL_TEXT_MISSING: {
    status: 500,
    title: 'No full-text search',
    detail: (p: { model: string }) => `${p.model} is searched, and does not say what of it can be.`,
    fix: 'Add fullText: { columns: […] } to the options of the model, and migrate.',
  },
  SEARCH_TOO_LONG: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { mostTerms: number; longest: number }) => `The search has more than ${p.mostTerms} words and phrases, or more than ${p.longest} characters.`,
    fix: 'Search for less at once.',
  },
  QUERY_VALUE_UNDEFINED: {
    status: 500,
    title: 'Undefined in a query',
    detail: (p: { model: string; column: string }) => `A condition or value for ${p.model}.${p.column} is undefined, which would match everything or nothing.`,
    fix: 'Use whereIf where a condition may be left out, and null where null is meant.',
  },
  QUERY_VALUE_INVALID: {
    status: 500,
    title: 'Invalid part of a query',
    detail: (p: { model: string; column: string; found: string; expected: string }) =>
      `A query for ${p.model} got ${p.found} for ${p.column}; expected ${p.expected}.`,
    fix: 'Correct it. Check what comes from outside first.',
  },
  QUERY_CACHE_OFF: {
    status: 500,
    title: 'Queries are not cached',
    detail: (p: { table: string }) => `A query of ${p.table} says cache(), but writes of this application do not clear a cache of queries.`,
    fix: 'Say database({ queryCache: true }), or leave out cache().',
  },
  QUERY_WHERE_EMPTY: {
    status: 500,
    title: 'Nothing to compare or set',
    detail: (p: { model: string }) => `A query for ${p.model} was given an object without columns.`,
    fix: 'Name at least one column; leave where out to match all.',
  },
  QUERY_EVERYTHING: {
    status: 500,
    title: 'Every record would be changed',
    detail: (p: { model: string; what: string }) => `An ${p.what} of ${p.model} has no condition, so it would reach every record.`,
    fix: 'Add a condition, or say all() where every record is meant.',
  },
  QUERY_SHAPE_UNSUPPORTED: {
    status: 500,
    title: 'Parts of a query do not go together',
    detail: (p: { model: string; what: string; with: string }) => `A query for ${p.model} uses ${p.what} with ${p.with}.`,
    fix: 'Leave one of them out, or write the query with sql`…`.',
  },
  PAGE_INVALID: {
    status: 422,
    title: 'Unprocessable Content',
    detail: (p: { name: string; found: string; most: number }) => `${p.name} is ${p.found}; expected a whole number from 1 to ${p.most}.`,
    fix: '',
  },
  CURSOR_INVALID: {
    status: 422,
    title: 'Unprocessable Content',
    detail: () => 'The cursor does not belong to this list.',
    fix: '',
  },
  CURSOR_ORDER_NULLABLE: {
    status: 500,
    title: 'Cursor over a nullable column',
    detail: (p: { model: string; column: string }) =>
      `A list of ${p.model} with cursors is ordered by ${p.column}, which may be null and so has no place in the order.`,
    fix: 'Order by columns that are not nullable.',
  },
  DECRYPTION_FAILED: {
    status: 500,
    title: 'Encrypted value cannot be read',
    detail: (p: { column: string; reason: string }) => `The value of ${p.column} cannot be decrypted: ${p.reason}.`,
    fix: 'Add the key it was written with to APP_PREVIOUS_KEYS, or restore the value.',
  },
}
