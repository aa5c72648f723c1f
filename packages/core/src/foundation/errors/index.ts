export { GluefulError, defineErrors, type ErrorExtras, type FieldError } from './define-errors.ts'
export { suggest } from './suggest.ts'
