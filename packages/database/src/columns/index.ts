export type { Attributes, CreateInput, KeyOf, Serialized, UpdateInput } from './attributes.ts'
export {
  bigint,
  binary,
  boolean,
  date,
  decimal,
  encrypted,
  enumeration,
  float,
  integer,
  json,
  softDeletes,
  string,
  text,
  timestamp,
  timestamps,
  uuid,
} from './builders.ts'
export { Column, type ColumnFacts, type ColumnFlag, type ColumnReference, type Columns, type ColumnType, type ReferenceAction } from './column.ts'
export type { Json } from './json.ts'
