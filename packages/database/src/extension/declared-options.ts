/* oxlint-disable unicorn/require-module-specifiers -- declarations are wanted, nothing by name */
/** What the package adds to `RouteOptions`, for whoever imports it: an import of the face reaches their declarations. */
export type {} from './query-budget-option.ts'
export type {} from './scope-option.ts'
