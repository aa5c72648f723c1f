import type { ColumnReference, Columns, ReferenceAction } from '../columns/column.ts'
import type { WrittenTable } from '../sql/written-tables.ts'

interface Child {
  readonly table: string
  readonly reference: ColumnReference
}

/** Tables of models, and those between models: what a query of a model may read. In small letters, as not every database tells them apart. */
const known = new Set<string>()
const children = new Map<string, Child[]>()
let additions = 0

/** Another number whenever a table has become known: what is affected by a write may be more then. */
export function knownTablesVersion(): number {
  return additions
}

/** Makes a table known before anything is read from it. */
export function addKnownTable(table: string, columns: Columns = {}): void {
  const lower = table.toLowerCase()
  known.add(lower)
  additions++
  for (const { facts } of Object.values(columns)) {
    const { references } = facts
    if (references === undefined || (!moves(references.onDelete) && !moves(references.onUpdate))) continue
    const parent = references.table.toLowerCase()
    const others = children.get(parent)
    if (others === undefined) children.set(parent, [{ table: lower, reference: references }])
    else others.push({ table: lower, reference: references })
  }
}

export function isKnownTable(table: string): boolean {
  return known.has(table.toLowerCase())
}

/** Whether a foreign key writes to the table that it stands in. */
function moves(action: ReferenceAction | undefined): boolean {
  return action === 'cascade' || action === 'set null'
}

/** The tables of models whose rows are others after these writes, with what foreign keys write along. */
export function affectedTables(written: Iterable<WrittenTable>): ReadonlySet<string> {
  const affected = new Set<string>()
  const seen = new Set<string>()
  const visit = ({ table, how }: WrittenTable) => {
    if (seen.has(`${how} ${table}`)) return
    seen.add(`${how} ${table}`)
    if (known.has(table)) affected.add(table)
    if (how === 'insert') return
    for (const child of children.get(table) ?? []) {
      const { onDelete, onUpdate } = child.reference
      const action = how === 'delete' ? onDelete : onUpdate
      if (moves(action)) visit({ table: child.table, how: how === 'delete' && action === 'cascade' ? 'delete' : 'update' })
    }
  }
  for (const { table, how } of written) visit({ table: table.toLowerCase(), how })
  return affected
}
