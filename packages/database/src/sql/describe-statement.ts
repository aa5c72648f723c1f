import type { WrittenTable } from './written-tables.ts'

/** What a statement does, read off its text: for metrics, and to decide where it may run. */
export interface StatementDescription {
  /** `select`, `insert`, `update`, `delete`, `ddl` or `other`. */
  readonly operation: Operation
  /** The first table named, as far as the text tells; empty otherwise. */
  readonly table: string
  /** False only for what certainly changes nothing and locks nothing. */
  readonly writes: boolean
  /** Tables that the text writes to; left out where nobody asks. */
  readonly written?: readonly WrittenTable[] | undefined
}

export type Operation = 'select' | 'insert' | 'update' | 'delete' | 'ddl' | 'other'

const operations: Readonly<Record<string, Operation>> = {
  select: 'select',
  values: 'select',
  table: 'select',
  insert: 'insert',
  replace: 'insert',
  update: 'update',
  delete: 'delete',
  create: 'ddl',
  alter: 'ddl',
  drop: 'ddl',
  truncate: 'ddl',
}

const name = '(?:["`\\[]([^"`\\]]+)["`\\]]|([a-z_][\\w$]*))'
const qualified = `${name}(?:\\s*\\.\\s*${name})?`
const tableAfter: Readonly<Record<Operation, RegExp | undefined>> = {
  select: new RegExp(`\\bfrom\\s+${qualified}`, 'i'),
  insert: new RegExp(`\\binto\\s+${qualified}`, 'i'),
  update: new RegExp(`\\bupdate\\s+(?:only\\s+|or\\s+\\w+\\s+)?${qualified}`, 'i'),
  delete: new RegExp(`\\bfrom\\s+(?:only\\s+)?${qualified}`, 'i'),
  ddl: new RegExp(`\\btable\\s+(?:if\\s+(?:not\\s+)?exists\\s+)?${qualified}`, 'i'),
  other: undefined,
}

/** A statement's operation, table and whether it may write. Unclear texts count as writing. */
export function describeStatement(text: string): StatementDescription {
  const body = withoutLeadingComments(text)
  const first = /^\(*\s*([a-z]+)/i.exec(body)?.[1]?.toLowerCase() ?? ''
  const operation = first === 'with' ? mainOperation(body) : (operations[first] ?? 'other')
  return { operation, table: tableOf(body, operation), writes: first === 'explain' ? /\banalyze\b/i.test(body) : mayWrite(body, operation) }
}

function withoutLeadingComments(text: string): string {
  return text.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '')
}

/** Of a statement with common table expressions: any of them may write. */
function mainOperation(text: string): Operation {
  const found = /\b(insert|update|delete|replace)\b/i.exec(text)?.[1]?.toLowerCase()
  return found === undefined ? 'select' : (operations[found] as Operation)
}

function mayWrite(text: string, operation: Operation): boolean {
  if (operation !== 'select') return true
  // Row locks need the primary; `select … into` makes a table; sequences and advisory locks change state.
  return /\bfor\s+(?:no\s+key\s+)?(?:update|share|key\s+share)\b|\block\s+in\s+share\b|\binto\b|\b(?:nextval|setval|get_lock|release_lock|pg_(?:try_)?advisory\w*|pg_notify|last_insert_id)\s*\(/i.test(
    text,
  )
}

function tableOf(text: string, operation: Operation): string {
  const match = tableAfter[operation]?.exec(text)
  return match === null || match === undefined ? '' : (match[3] ?? match[4] ?? match[1] ?? match[2] ?? '')
}
