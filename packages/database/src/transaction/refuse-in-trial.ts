import { fail } from '../errors.ts'
import type { Dialect } from '../sql/dialect.ts'

const comments = /^(?:\s+|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*(?!!)[\s\S]*?\*\/)+/
const control = /^(?:begin|start|commit|end|rollback|abort|savepoint|release|prepare\s+transaction|xa|set\s[\s\S]*\bautocommit\b)\b/i
/** With these MySQL commits what was done before, and each statement after them. */
const committing =
  /^(?:create(?!\s+temporary\b)|alter|drop(?!\s+temporary\b)|rename|truncate|grant|revoke|call|lock|unlock|load|cache|check|analyze|optimize|repair|flush|reset|install|uninstall|\/\*!)/i

/**
 * A trial is rolled back by its transaction, so nothing inside may end that.
 * @throws `TRIAL_STATEMENT_REFUSED`
 */
export function refuseInTrial(text: string, dialect: Dialect): void {
  const body = text.replace(comments, '')
  if (control.test(body) || (dialect === 'mysql' && committing.test(body))) throw fail('TRIAL_STATEMENT_REFUSED', { statement: body.slice(0, 60) })
}
