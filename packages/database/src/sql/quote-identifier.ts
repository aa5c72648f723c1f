import { fail } from '../errors.ts'
import type { Dialect } from './dialect.ts'

/** PostgreSQL cuts longer names silently (63 bytes), MySQL refuses them (64 characters). */
const longest = 63

/**
 * A name of a table or column as it may stand in SQL, whatever it is made of.
 * @throws `SQL_IDENTIFIER_INVALID` for one that is empty, longer than 63 bytes or not text
 */
export function quoteIdentifier(name: string, dialect: Dialect): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || !name.isWellFormed() || Buffer.byteLength(name) > longest)
    throw fail('SQL_IDENTIFIER_INVALID', { found: name })
  return dialect === 'mysql' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`
}
