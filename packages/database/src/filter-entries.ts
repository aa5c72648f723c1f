const list = (names: readonly string[]) => names.slice(0, 50).join(', ')
const near = (suggestion: string | undefined) => (suggestion === undefined ? '' : ` Is ${suggestion} meant?`)

/** What is wrong with the fields, filters and orders that a client asks for. */
export const filterEntries = {
  FIELDS_MALFORMED: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { parameter: string; position: number; found: string; expected: string }) =>
      `The parameter ${p.parameter} has ${p.found} at position ${p.position} where ${p.expected} should be.`,
    fix: 'Fields stand between commas, those of a relation in parentheses: id,make,dealer(name).',
  },
  FIELDS_UNKNOWN: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { name: string; allowed: readonly string[]; suggestion: string | undefined }) =>
      `The field ${p.name} cannot be asked for.${near(p.suggestion)} Allowed are ${list(p.allowed)}.`,
    fix: '',
  },
  FIELDS_TOO_DEEP: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { parameter: string; most: number }) => `The parameter ${p.parameter} goes deeper than ${p.most} relations.`,
    fix: 'Ask for less at once.',
  },
  FIELDS_TOO_MANY: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { parameter: string; what: string; most: number }) => `The parameter ${p.parameter} has more than ${p.most} ${p.what}.`,
    fix: 'Ask for less at once.',
  },
  FILTER_MALFORMED: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { parameter: string; expected: string }) => `The parameter ${p.parameter} is not understood; expected is ${p.expected}.`,
    fix: '',
  },
  FILTER_OPERATOR_UNKNOWN: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { parameter: string; operator: string; allowed: readonly string[] }) =>
      `The parameter ${p.parameter} uses the operator ${p.operator}. Allowed are ${list(p.allowed)}.`,
    fix: '',
  },
  FILTER_UNKNOWN: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { parameter: string; field: string; what: string; allowed: readonly string[]; suggestion: string | undefined }) =>
      `The parameter ${p.parameter} names ${p.field}, by which this list cannot be ${p.what}.${near(p.suggestion)} ${p.allowed.length === 0 ? 'There is nothing else either.' : `Allowed are ${list(p.allowed)}.`}`,
    fix: '',
  },
  FILTER_VALUE_INVALID: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { parameter: string; expected: string }) => `The parameter ${p.parameter} has a value that is not possible; expected is ${p.expected}.`,
    fix: '',
  },
  LIST_QUERY_INVALID: {
    status: 500,
    title: 'Invalid list query',
    detail: (p: { model: string; problem: string }) => `A query for lists of ${p.model} is declared wrongly: ${p.problem}.`,
    fix: 'Declare columns and relations of the model; see docs/filters.md.',
  },
  FILTERS_TOO_MANY: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { what: string; most: number }) => `There are more than ${p.most} ${p.what}.`,
    fix: 'Ask for less at once.',
  },
}
