import type { Dialect } from '../sql/dialect.ts'
import type { Search } from './write-search.ts'
import type { StatementNode } from '../sql/statement-tree.ts'

/**
 * Takes a statement in pieces. A first pass walks the model's tree of statements by the few letters that stand for each piece and
 * collects the values; only where no text is known at its end, a second pass over the same pieces writes the text. One walk
 * makes both, so they cannot disagree.
 */
export class SqlWriter {
  readonly dialect: Dialect
  readonly params: unknown[] = []
  text = ''
  /** The search whose hits the statement is joined with already, so that it needs no condition. */
  joined: Search | undefined
  /** Where the first pass has come to; undefined in the second one. */
  node: StatementNode | undefined
  #values = 0
  #aliases = 0

  constructor(dialect: Dialect, node?: StatementNode) {
    this.dialect = dialect
    this.node = node
  }

  /** A piece of the statement and the few letters that stand for it; none where it always follows the piece before. */
  add(key: string, text: string): void {
    if (this.node === undefined) this.text += text
    else if (key !== '') this.node = this.node.step(key)
  }

  /** A value to bind. */
  value(value: unknown): void {
    if (this.node !== undefined) {
      this.params.push(value)
      this.node = this.node.step('?')
    } else this.text += this.dialect === 'postgres' ? `$${++this.#values}` : '?'
  }

  /** How many rows. MySQL cannot bind it; SQLite can, and prepares the statement anew each time because its plan depends on it. */
  limit(count: number): void {
    if (this.dialect === 'postgres') this.value(count)
    else this.add(String(count), String(count))
  }

  /** How many rows to pass over. MySQL cannot bind it. */
  offset(count: number): void {
    if (this.dialect === 'mysql') this.add(String(count), String(count))
    else this.value(count)
  }

  alias(): string {
    return `t${++this.#aliases}`
  }
}
