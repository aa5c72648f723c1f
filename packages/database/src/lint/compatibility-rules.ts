import { error, warning, type Rule, type RuleContext, type Verdict } from './rule.ts'

/** What breaks the release that is running while the migration runs, or the rows that are there. */
export const compatibilityRules: readonly Rule[] = [
  {
    name: 'not-null-without-default',
    check(effect, { isNew }) {
      if (effect.kind !== 'addColumn' || isNew(effect.table) || effect.nullable || effect.fallback !== 'none' || effect.stored) return undefined
      return error(
        `${effect.table}.${effect.column} is not null and has no default: rows that are there have no value, and the running release inserts none`,
        'Add it nullable or with a default; deploy the release that writes it; fill old rows in batches; then make it not null in a later migration.',
      )
    },
  },
  {
    name: 'drop-column-in-use',
    check: (effect, context) =>
      effect.kind === 'dropColumn' && !context.isNew(effect.table)
        ? whenUsed(
            context,
            effect.table,
            effect.column,
            `dropping ${effect.table}.${effect.column}`,
            'Take the column out of the model first and deploy that; drop it in the release after.',
          )
        : undefined,
  },
  {
    name: 'drop-table-in-use',
    check: (effect, context) =>
      effect.kind === 'dropTable' && !context.isNew(effect.table)
        ? whenUsed(
            context,
            effect.table,
            undefined,
            `dropping the table ${effect.table}`,
            'Take its model out first and deploy that; drop the table in the release after.',
          )
        : undefined,
  },
  {
    name: 'rename-table',
    check(effect, { isNew }) {
      if (effect.kind !== 'renameTable' || isNew(effect.table)) return undefined
      return error(
        `the running release asks for ${effect.table}, which is called ${effect.to} from this moment on`,
        `Make ${effect.to} as a new table, write to both, copy old rows in batches, read from the new one, drop the old one a release later. Or keep a view named ${effect.table}, where the release only reads.`,
      )
    },
  },
  {
    name: 'rename-column',
    check(effect, { isNew }) {
      if (effect.kind !== 'renameColumn' || isNew(effect.table)) return undefined
      return error(
        `the running release reads and writes ${effect.table}.${effect.column}, which is called ${effect.to} from this moment on`,
        `Add ${effect.to} beside it, write both, fill old rows in batches, read the new one, drop ${effect.column} a release later.`,
      )
    },
  },
  {
    name: 'cascade',
    check: (effect) =>
      effect.kind === 'cascade'
        ? error(
            `${effect.what} … cascade drops whatever depends on it, which nobody has listed here`,
            'Drop what depends on it by name, in statements of their own.',
          )
        : undefined,
  },
  {
    name: 'truncate',
    check: (effect, { isNew }) =>
      effect.kind === 'truncate' && !isNew(effect.table)
        ? error(
            `truncate empties ${effect.table} under a lock that keeps everybody out, and on MySQL it cannot be rolled back`,
            'Delete in batches, in a migration with transaction: false.',
          )
        : undefined,
  },
  {
    name: 'irreversible',
    // Asked once a migration, of what comes first.
    check: (effect, { reversible, before }) =>
      reversible || before.length > 0
        ? undefined
        : error(
            'there is no down, so a release that fails cannot be taken back',
            `Write the down of ${effect.kind === 'other' ? 'the migration' : effect.kind}; where there is none, say why that is safe.`,
          ),
  },
]

function whenUsed(context: RuleContext, table: string, column: string | undefined, what: string, recipe: string): Verdict | undefined {
  const inUse = context.columnsInUse(table)
  if (inUse === undefined) return warning(`${what} cannot be undone, and no model tells whether the running release uses it`, recipe)
  return column === undefined || inUse.has(column.toLowerCase()) ? error(`${what} breaks the running release, whose models use it`, recipe) : undefined
}
