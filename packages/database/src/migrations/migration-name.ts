import { fail } from '../errors.ts'

const pattern = /^(\d{14})_([a-z0-9]+(?:_[a-z0-9]+)*)$/
const longest = 200

/** A migration's name taken apart: fourteen digits of time, then words. */
export function requireMigrationName(name: string): { readonly version: string; readonly words: string } {
  const match = name.length > longest ? null : pattern.exec(name)
  if (match === null) throw fail('MIGRATION_NAME_INVALID', { name })
  return { version: match[1] as string, words: match[2] as string }
}

/** The name of a migration that is written now: `20261126100000_add_price_to_cars`, in UTC. */
export function migrationName(words: string, now: Date): string {
  const version = now.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const name = `${version}_${words
    .trim()
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[\s-]+/g, '_')
    .toLowerCase()}`
  requireMigrationName(name)
  return name
}
