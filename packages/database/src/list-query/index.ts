export { listQuery, queryFilter } from './list-query.ts'
export { selection, type SingleOptions } from './selection.ts'
export type {
  AppliesTo,
  ExpandPath,
  FieldName,
  ListInput,
  ListOptions,
  ListRequest,
  QueryFilterOptions,
  QuerySchema,
  SelectionOptions,
  SelectionRequest,
} from './list-query-types.ts'
export type { FilterOperator } from '../filters/operators.ts'
