import { fail } from '../errors.ts'
import { Column } from './column.ts'
import type { Json } from './json.ts'

/** A uuid as text in its usual form. As primary key it is made by the model, version 7 (RFC 9562), so that keys sort by time. */
export function uuid(): Column<string, 'auto'> {
  return new Column({ type: 'uuid' })
}

/** Text of limited length, in characters; for names, codes and what is indexed. */
export function string(length = 255): Column<string, never> {
  if (!Number.isInteger(length) || length < 1 || length > 16_383)
    throw fail('COLUMN_INVALID', { type: 'string', problem: `its length is ${length}`, expected: 'a whole number from 1 to 16383' })
  return new Column({ type: 'string', length })
}

/** Text of any length. */
export function text(): Column<string, never> {
  return new Column({ type: 'text' })
}

/** A whole number of 32 bits: −2,147,483,648 to 2,147,483,647. */
export function integer(): Column<number, 'auto'> {
  return new Column({ type: 'integer' })
}

/**
 * A whole number of 64 bits, as bigint; JSON has it as text. `bigint({ as: 'number' })` is a number instead, and limited
 * to what numbers hold exactly (±2^53−1).
 */
export function bigint(): Column<bigint, 'auto'>
export function bigint(options: { readonly as: 'number' }): Column<number, 'auto'>
export function bigint(options?: { readonly as: 'number' }): Column<bigint, 'auto'> | Column<number, 'auto'> {
  return new Column<bigint, 'auto'>({ type: 'bigint', as: options?.as })
}

/** A floating-point number of 64 bits. Not for money. */
export function float(): Column<number, never> {
  return new Column({ type: 'float' })
}

/** An exact decimal number, as text, so that no digit is lost: `decimal(12, 2)` holds up to `9999999999.99`. */
export function decimal(precision = 12, scale = 2): Column<string, never> {
  if (!Number.isInteger(precision) || precision < 1 || precision > 65 || !Number.isInteger(scale) || scale < 0 || scale > Math.min(30, precision))
    throw fail('COLUMN_INVALID', {
      type: 'decimal',
      problem: `it has ${precision} digits, ${scale} of them behind the point`,
      expected: '1 to 65 digits, at most 30 of them behind the point',
    })
  return new Column({ type: 'decimal', precision, scale })
}

export function boolean(): Column<boolean, never> {
  return new Column({ type: 'boolean' })
}

/** A day of the calendar without time and zone, as text: `2026-11-26`. */
export function date(): Column<string, never> {
  return new Column({ type: 'date' })
}

/** A moment, to the millisecond, as Date. */
export function timestamp(): Column<Date, never> {
  return new Column({ type: 'timestamp' })
}

/** Any JSON value; give its type: `json<Specs>()`. A stored `null` is the column's null. */
export function json<Value = Json>(): Column<Value, never> {
  return new Column({ type: 'json' })
}

/** One of a few texts: `enumeration(['new', 'used'])`. */
export function enumeration<const Value extends string>(values: readonly [Value, ...Value[]]): Column<Value, never> {
  if (values.length === 0 || new Set(values).size !== values.length)
    throw fail('COLUMN_INVALID', {
      type: 'enumeration',
      problem: `its values are ${JSON.stringify(values)}`,
      expected: 'at least one value, none of them twice',
    })
  return new Column({ type: 'enumeration', values })
}

/** Bytes. */
export function binary(): Column<Uint8Array, never> {
  return new Column({ type: 'binary' })
}

/** Text that the database only sees encrypted (AES-256-GCM under APP_KEY). It can be read and written, not searched; never part of JSON. */
export function encrypted(): Column<string, 'hidden'> {
  return new Column({ type: 'encrypted', hidden: true })
}

/** `createdAt` and `updatedAt`, kept by the model with the application's clock. */
export function timestamps(): { createdAt: Column<Date, 'optional' | 'kept'>; updatedAt: Column<Date, 'optional' | 'kept'> } {
  return { createdAt: new Column({ type: 'timestamp', role: 'createdAt' }), updatedAt: new Column({ type: 'timestamp', role: 'updatedAt' }) }
}

/** `deletedAt`: deleted records stay in the table and are left out of queries. */
export function softDeletes(): { deletedAt: Column<Date | null, 'optional' | 'kept'> } {
  return { deletedAt: new Column({ type: 'timestamp', nullable: true, role: 'deletedAt' }) }
}
