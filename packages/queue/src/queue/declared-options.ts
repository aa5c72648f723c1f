/* oxlint-disable unicorn/require-module-specifiers -- declarations are wanted, nothing by name */
/** What the package adds to `RouteOptions`, for whoever imports it: an import of the face reaches its declaration. */
export type {} from './request-option.ts'
