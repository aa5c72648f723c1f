/**
 * What one error code means. `detail` says what happened and what was found, `fix` what to do next.
 */
export interface ErrorEntry<Params> {
  /** HTTP status when the error reaches a client; 500 for mistakes in code or configuration. */
  readonly status: number
  /** Short and constant, the same for every occurrence (RFC 9457, `title`). */
  readonly title: string
  readonly detail: (params: Params) => string
  readonly fix: string
}

// Method parameters are compared bivariantly, which lets entries with different params share one record type.
type AnyEntry = { readonly status: number; readonly title: string; detail(params: never): string; readonly fix: string }

export interface FieldError {
  /** Where, from the root of the request: `['body', 'price']`. */
  readonly path: readonly (string | number)[]
  /** Machine-readable, e.g. `invalid_type`. */
  readonly code: string
  readonly message: string
}

export interface ErrorExtras {
  readonly cause?: unknown
  /** Every fault, where one error reports several. */
  readonly errors?: readonly FieldError[]
  /** Flat name, value pairs added to the answer, names in lower case. */
  readonly headers?: readonly string[]
}

/** Every error the framework throws; `code` is stable, the texts may improve. */
export class GluefulError extends Error {
  override readonly name: string = 'GluefulError'
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly fix: string
  readonly errors: readonly FieldError[] | undefined
  readonly headers: readonly string[] | undefined

  constructor(code: string, entry: { status: number; title: string; detail: string; fix: string }, extras: ErrorExtras = {}) {
    super(
      entry.fix === '' ? `${entry.detail} [${code}]` : `${entry.detail} ${entry.fix} [${code}]`,
      extras.cause === undefined ? undefined : { cause: extras.cause },
    )
    this.code = code
    this.status = entry.status
    this.title = entry.title
    this.detail = entry.detail
    this.fix = entry.fix
    this.errors = extras.errors
    this.headers = extras.headers
  }
}

/**
 * Declares a package's error catalog and returns the one function that makes its errors.
 *
 * @example
 * const fail = defineErrors({
 *   PORT_TAKEN: { status: 500, title: 'Port is taken', detail: (p: { port: number }) => `Port ${p.port} is in use.`, fix: 'Set PORT to a free one.' },
 * })
 * throw fail('PORT_TAKEN', { port: 3000 })
 */
export function defineErrors<const Catalog extends Record<string, AnyEntry>>(catalog: Catalog) {
  const fail = <Code extends keyof Catalog & string>(code: Code, params: Parameters<Catalog[Code]['detail']>[0], extras?: ErrorExtras): GluefulError => {
    const entry = catalog[code] as Catalog[Code]
    const detail = entry.detail(params as never)
    return new GluefulError(code, { status: entry.status, title: entry.title, detail, fix: entry.fix }, extras)
  }
  fail.catalog = catalog
  return fail
}
