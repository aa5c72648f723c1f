import type { Dialect } from '../sql/dialect.ts'

/**
 * Takes a statement in pieces. A first pass writes the short key of its shape and collects the values; only where no text
 * is known for the key, a second pass over the same pieces writes the text. One walk makes both, so they cannot disagree.
 */
export class SqlWriter {
  readonly dialect: Dialect
  readonly params: unknown[] = []
  text = ''
  readonly #keyed: boolean
  #values = 0
  #aliases = 0

  constructor(dialect: Dialect, pass: 'key' | 'text') {
    this.dialect = dialect
    this.#keyed = pass === 'key'
  }

  /** A piece of the statement and the few letters that stand for it in the key. */
  add(key: string, text: string): void {
    this.text += this.#keyed ? key : text
  }

  /** A value to bind. */
  value(value: unknown): void {
    if (this.#keyed) {
      this.params.push(value)
      this.text += '?'
    } else this.text += this.dialect === 'postgres' ? `$${++this.#values}` : '?'
  }

  /** How many rows. MySQL cannot bind it; SQLite can, and prepares the statement anew each time because its plan depends on it. */
  limit(count: number): void {
    if (this.dialect === 'postgres') this.value(count)
    else this.text += count
  }

  /** How many rows to pass over. MySQL cannot bind it. */
  offset(count: number): void {
    if (this.dialect === 'mysql') this.text += count
    else this.value(count)
  }

  alias(): string {
    return `t${++this.#aliases}`
  }
}
