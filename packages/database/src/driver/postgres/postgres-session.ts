import type { Client, FieldDef, QueryArrayConfig } from 'pg'
import { fail } from '../../errors.ts'
import type { StatementDescription } from '../../sql/describe-statement.ts'
import { retrySoon } from '../database-error.ts'
import type { BeginOptions, Rows } from '../driver.ts'
import type { RemoteSession } from '../remote/remote-driver.ts'
import type { StatementShapes } from '../remote/statement-columns.ts'
import { bindPostgres } from './bind-postgres.ts'
import { isLostName, isServerError, isShutDown, isStalePlan, toPostgresError } from './postgres-errors.ts'
import type { StatementNames } from './statement-names.ts'

interface ArrayResult {
  readonly command: string
  readonly rowCount: number | null
  readonly rows: unknown[][]
  readonly fields: readonly FieldDef[]
}

/** One connection to PostgreSQL. Statements may be sent while others are under way; each is answered in its turn. */
export class PostgresSession implements RemoteSession {
  broken = false
  busySince: number | undefined
  lastMs: number | undefined
  private readonly client: Client
  private readonly shapes: StatementShapes<FieldDef>
  private readonly names: StatementNames
  private underWay = 0
  private inTransaction = false

  constructor(client: Client, shapes: StatementShapes<FieldDef>, names: StatementNames) {
    this.client = client
    this.shapes = shapes
    this.names = names
    client.on('error', () => void (this.broken = true))
    client.on('end', () => void (this.broken = true))
  }

  async execute(text: string, params: readonly unknown[], { writes }: StatementDescription): Promise<Rows> {
    const values = bindPostgres(params, text)
    const commits = writes && !this.inTransaction
    const name = this.names.nameFor(text)
    let result: ArrayResult
    try {
      result = await this.send(new ExtendedQuery(text, values, name))
    } catch (error) {
      if (isLostName(error)) this.names.disable()
      if (name === undefined || this.inTransaction || this.broken || !(isStalePlan(error) || isLostName(error))) throw this.toError(error, text, commits)
      // Nothing was done, and outside of a transaction the statement can simply be sent again.
      this.names.forget(text)
      result = await this.sendOrFail(new ExtendedQuery(text, values, undefined), commits)
    }
    return this.toRows(text, result)
  }

  async *batches(text: string, params: readonly unknown[], size: number): AsyncGenerator<Rows> {
    const own = !this.inTransaction
    const cursor = `"glueful_cursor_${++cursors}"`
    if (own) await this.begin({ readOnly: true })
    try {
      await this.sendOrFail({ text: `declare ${cursor} no scroll cursor for ${text}`, values: bindPostgres(params, text), rowMode: 'array' }, false)
      for (;;) {
        const result = await this.sendOrFail({ text: `fetch ${size} from ${cursor}`, rowMode: 'array' }, false)
        if (result.rows.length > 0) yield this.toRows(text, result)
        if (result.rows.length < size) break
      }
      await this.sendOrFail({ text: `close ${cursor}`, rowMode: 'array' }, false)
    } finally {
      if (own && !this.broken) await this.rollback()
    }
  }

  async script(text: string): Promise<void> {
    await this.sendOrFail({ text, rowMode: 'array' }, !this.inTransaction)
  }

  async begin({ isolation, readOnly }: BeginOptions): Promise<void> {
    const text = `begin${isolation === undefined ? '' : ` isolation level ${isolation}`}${readOnly === true ? ' read only' : ''}`
    this.inTransaction = true
    await this.sendOrFail({ text, rowMode: 'array' }, false)
  }

  async commit(): Promise<void> {
    const { command } = await this.sendOrFail({ text: 'commit', rowMode: 'array' }, true)
    this.inTransaction = false
    if (command === 'ROLLBACK') throw fail('TRANSACTION_ABORTED', undefined)
  }

  async rollback(): Promise<void> {
    await this.sendOrFail({ text: 'rollback', rowMode: 'array' }, false)
    this.inTransaction = false
  }

  async ping(): Promise<void> {
    await this.sendOrFail({ text: 'select 1', rowMode: 'array' }, false)
  }

  async close(): Promise<void> {
    this.broken = true
    await this.client.end()
  }

  destroy(): void {
    this.broken = true
    ;(this.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  }

  private toRows(text: string, { rows, rowCount, fields }: ArrayResult): Rows {
    const { columns, decoders } = this.shapes.of(text, fields)
    return { columns, rows, rowCount: rowCount ?? rows.length, decoders }
  }

  private async sendOrFail(config: QueryArrayConfig, commits: boolean): Promise<ArrayResult> {
    try {
      return await this.send(config)
    } catch (error) {
      throw this.toError(error, config.text, commits)
    }
  }

  private toError(error: unknown, text: string, commits: boolean) {
    return toPostgresError(error, { text, commits, lost: this.broken || isSocketError(error) })
  }

  private send(config: QueryArrayConfig): Promise<ArrayResult> {
    // What is not sent is not carried out, a commit neither.
    if (this.broken) return Promise.reject(fail('DATABASE_CONNECTION_LOST', undefined, { headers: retrySoon }))
    if (this.underWay++ === 0) this.busySince = performance.now()
    return new Promise((resolve, reject) => {
      this.client.query(config, (error: Error | null, result: unknown) => {
        const now = performance.now()
        this.lastMs = now - (this.busySince ?? now)
        this.busySince = --this.underWay === 0 ? undefined : now
        // Several statements, as scripts have them, give several results.
        if (error === null || error === undefined) resolve((Array.isArray(result) ? result.at(-1) : result) as ArrayResult)
        else {
          if (isSocketError(error) || isShutDown(error)) this.broken = true
          reject(error)
        }
      })
    })
  }
}

let cursors = 0

/**
 * What `pg` is asked with each statement. It copies an object's own properties with each query, at some cost, and leaves
 * alone what they inherit.
 */
class ExtendedQuery {
  declare readonly rowMode: 'array'
  /** The extended protocol takes one statement, so that nothing can be hung on. */
  declare readonly queryMode: 'extended'
  readonly text: string
  readonly values: unknown[]
  readonly name: string | undefined

  constructor(text: string, values: unknown[], name: string | undefined) {
    this.text = text
    this.values = values
    this.name = name
  }
}
Object.assign(ExtendedQuery.prototype, { rowMode: 'array', queryMode: 'extended' })

function isSocketError(error: unknown): boolean {
  return !isServerError(error) && !(error instanceof TypeError)
}
