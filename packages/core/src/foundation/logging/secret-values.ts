import { redacted } from './redact-text.ts'

/** Shorter values are not looked for in texts: `1234` stands in too many that have nothing to do with it. */
const shortest = 6
const longest = 8_192
const mostValues = 200
const mostNodes = 2_000
const deepest = 8

/** What a request or a job brought that must not be written down: the values of fields that are hidden by their names. */
export class SecretValues {
  readonly #values = new Set<string>()
  readonly #hides: (name: string) => boolean
  #nodes = 0

  constructor(hides: (name: string) => boolean) {
    this.#hides = hides
  }

  /** Every value below a hidden name, at any depth. */
  addFrom(fields: unknown): void {
    this.#walk(fields, false, 0)
  }

  /** A value, and the forms that it takes in SQL, JSON and URLs. */
  add(value: string): void {
    if (value.length < shortest || value.length > longest || this.#values.size >= mostValues) return
    this.#values.add(value)
    const forms = [value.replaceAll("'", "''"), JSON.stringify(value).slice(1, -1), value.isWellFormed() ? encodeURIComponent(value) : value]
    for (const form of forms) if (form !== value) this.#values.add(form)
  }

  /** Longer ones first, so that none leaves the rest of another. */
  list(): readonly string[] {
    return [...this.#values].sort((one, other) => other.length - one.length)
  }

  #walk(value: unknown, hidden: boolean, depth: number): void {
    if (++this.#nodes > mostNodes || depth > deepest) return
    if (hidden && (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')) this.add(String(value))
    if (typeof value !== 'object' || value === null) return
    for (const [name, inner] of Object.entries(value)) this.#walk(inner, hidden || this.#hides(name), depth + 1)
  }
}

/** The text without these values. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  let shown = text
  for (const secret of secrets) if (shown.includes(secret)) shown = shown.replaceAll(secret, redacted)
  return shown
}
