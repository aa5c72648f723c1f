import { suggest } from 'glueful'
import { fail } from '../errors.ts'
import type { Seeder } from './seeder.ts'

/**
 * Seeders in an order in which each follows what it needs; only those that are named, with what they need.
 * @throws `SEEDER_UNKNOWN`, `SEEDER_CYCLE`
 */
export function orderSeeders(seeders: readonly Seeder[], names: readonly string[] = []): Seeder[] {
  const byName = new Map<string, Seeder>()
  for (const seeder of seeders) {
    if (byName.has(seeder.name)) throw fail('SEEDER_INVALID', { name: seeder.name, problem: 'there are two of that name' })
    byName.set(seeder.name, seeder)
  }
  const ordered = new Set<Seeder>()
  function visit(name: string, trail: readonly string[]): void {
    const seeder = byName.get(name)
    if (seeder === undefined) throw fail('SEEDER_UNKNOWN', { name, by: trail.at(-1), known: [...byName.keys()], suggestion: suggest(name, byName.keys()) })
    if (trail.includes(name)) throw fail('SEEDER_CYCLE', { path: [...trail.slice(trail.indexOf(name)), name] })
    if (ordered.has(seeder)) return
    for (const needed of seeder.after ?? []) visit(needed, [...trail, name])
    ordered.add(seeder)
  }
  for (const name of names.length === 0 ? byName.keys() : names) visit(name, [])
  return [...ordered]
}
