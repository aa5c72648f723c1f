export type { Columns } from '../columns/index.ts'
