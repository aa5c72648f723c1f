import type { Dialect } from '../sql/dialect.ts'
import type { SchemaChange } from '../schema/schema-change.ts'
import { compatibilityRules } from './compatibility-rules.ts'
import { dataRules } from './data-rules.ts'
import type { Effect } from './effect.ts'
import { effectsOfChange } from './effects-of-change.ts'
import { lockingRules } from './locking-rules.ts'
import type { Rule, RuleContext, Severity } from './rule.ts'

/** A migration as the lint sees it. */
export interface LintedMigration {
  readonly name: string
  readonly changes: readonly SchemaChange[]
  readonly transaction: boolean
  readonly reversible: boolean
  /** Why it may run although the lint objects. */
  readonly safe: string | undefined
}

export interface LintContext {
  readonly dialect: Dialect
  /** Most time to wait for a lock, in ms; 0 waits for ever. */
  readonly lockTimeout: number
  /** Tables and columns of the running release's models; none where nothing is known. */
  readonly release?: ReadonlyMap<string, ReadonlySet<string>>
  readonly live?: LiveFacts
}

/** What is known of the database that is to be migrated. */
export interface LiveFacts {
  /** Types of the columns that are there, by `table.column` in lower case. */
  readonly types: ReadonlyMap<string, string>
  /** Checks that a column is not null. */
  readonly notNull: readonly { readonly table: string; readonly name: string; readonly column: string; readonly validated: boolean }[]
}

/** Something that production would suffer from. */
export interface Finding {
  readonly migration: string
  readonly rule: string
  readonly severity: Severity
  /** In a SQL file. */
  readonly line: number | undefined
  readonly problem: string
  readonly recipe: string
  /** The migration's own word for why it is safe; then it stops nothing. */
  readonly safe: string | undefined
}

export const lintRules: readonly Rule[] = [...compatibilityRules, ...lockingRules, ...dataRules]

/** What would happen to a database in use, were these migrations run in this order. */
export function lintMigrations(migrations: readonly LintedMigration[], context: LintContext): Finding[] {
  // Tables that come into being on the way, and checks that all rows are known to meet, are remembered from one to the next.
  const fresh = new Set<string>()
  const live = context.live?.notNull ?? []
  const notNull = new Map(live.map((check) => [key(check.table, check.name), key(check.table, check.column)]))
  const known = new Set(live.filter(({ validated }) => validated).map((check) => key(check.table, check.column)))
  return migrations.flatMap((migration) => {
    const before: Effect[] = []
    const added = new Set<string>()
    let { lockTimeout } = context
    const found: Finding[] = []
    for (const { effect, line } of migration.changes.flatMap((change) => effectsOfChange(change, context.dialect))) {
      if (effect.kind === 'lockTimeout') lockTimeout = effect.ms
      const rules: RuleContext = {
        dialect: context.dialect,
        transactional: migration.transaction,
        reversible: migration.reversible,
        isNew: (table) => fresh.has(key(table)),
        columnsInUse: (table) => lookUp(context.release, table),
        typeOf: (table, column) => context.live?.types.get(key(table, column)),
        isKnownNotNull: (table, column) => known.has(key(table, column)),
        isFreshConstraint: (table, name) => added.has(key(table, name)),
        before,
        lockTimeout,
      }
      for (const rule of lintRules) {
        const verdict = rule.check(effect, rules)
        if (verdict !== undefined) found.push({ ...verdict, migration: migration.name, rule: rule.name, line, safe: migration.safe })
      }
      before.push(effect)
      remember(effect)
    }
    return found

    function remember(effect: Effect): void {
      if (effect.kind === 'createTable') fresh.add(key(effect.table))
      if (effect.kind === 'renameTable' && fresh.has(key(effect.table))) fresh.add(key(effect.to))
      if (effect.kind === 'addForeignKey' || effect.kind === 'addCheck') {
        if (effect.name !== undefined && !effect.validated) added.add(key(effect.table, effect.name))
      }
      if (effect.kind === 'addCheck' && effect.notNull !== undefined && effect.name !== undefined) {
        notNull.set(key(effect.table, effect.name), key(effect.table, effect.notNull))
        if (effect.validated) known.add(key(effect.table, effect.notNull))
      }
      const validated = effect.kind === 'validate' ? notNull.get(key(effect.table, effect.name)) : undefined
      if (validated !== undefined) known.add(validated)
    }
  })
}

const key = (...parts: readonly string[]) => parts.join('.').toLowerCase()

function lookUp(release: LintContext['release'], table: string): ReadonlySet<string> | undefined {
  const columns = release?.get(table) ?? release?.get(key(table))
  return columns === undefined ? undefined : new Set([...columns].map((column) => column.toLowerCase()))
}

/** What stops a production. */
export function stopping(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity, safe }) => severity === 'error' && safe === undefined)
}

/** Findings for people: a line for each problem, and one for its recipe. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ migration, line, severity, rule, problem, recipe, safe }) => {
      const place = line === undefined ? migration : `${migration}, line ${line}`
      return `  ${place}: ${severity} ${rule}: ${problem}.\n    ${safe === undefined ? `Safe way: ${recipe}` : `Said to be safe: ${safe}`}`
    })
    .join('\n')
}
