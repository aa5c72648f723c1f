import type { Connection, FieldPacket, IntegerTypedParameterFactory, QueryError, ResultSetHeader } from 'mysql2'
import { fail } from '../../errors.ts'
import type { StatementDescription } from '../../sql/describe-statement.ts'
import { splitStatements } from '../../sql/split-statements.ts'
import type { BeginOptions, Rows } from '../driver.ts'
import { decodeJson, decodeTimestamp } from '../remote/decode.ts'
import type { RemoteSession } from '../remote/remote-driver.ts'
import type { Decode, StatementShapes } from '../remote/statement-columns.ts'
import { bindMysql } from './bind-mysql.ts'
import { isLost, isNotPreparable, isRolledBack, toMysqlError } from './mysql-errors.ts'
import { MysqlReader } from './mysql-reader.ts'

/** What mysql2 says of a column; MariaDB tells JSON from text by a format only. */
export interface MysqlField {
  readonly name: string
  readonly columnType?: number | undefined
  readonly extendedFormat?: string | undefined
}

const longLong = 8
const timestamp = 7
const datetime = 12
const json = 245

export function mysqlKind({ columnType = 0, extendedFormat }: MysqlField): number {
  return extendedFormat === 'json' ? json : columnType
}

/** What `all` and `first` make of a column. */
export function mysqlDecoder(field: MysqlField): Decode | undefined {
  const kind = mysqlKind(field)
  if (kind === timestamp || kind === datetime) return decodeTimestamp
  return kind === json ? decodeJson : undefined
}

type Answer = readonly [result: unknown, fields: readonly MysqlField[] | undefined]

const noColumns: readonly string[] = []
const noRows: unknown[][] = []

/** One connection to MySQL or MariaDB. */
export class MysqlSession implements RemoteSession {
  broken = false
  busySince: number | undefined
  private readonly connection: Connection
  private readonly shapes: StatementShapes<MysqlField>
  private readonly toInteger: IntegerTypedParameterFactory
  private readonly readers = new Set<MysqlReader>()
  private insertStep = 1
  private underWay = 0
  private inTransaction = false
  private rolledBack = false

  constructor(connection: Connection, shapes: StatementShapes<MysqlField>, toInteger: IntegerTypedParameterFactory) {
    this.connection = connection
    this.shapes = shapes
    this.toInteger = toInteger
    connection.on('error', () => void (this.broken = true))
    connection.on('end', () => void (this.broken = true))
  }

  async execute(text: string, params: readonly unknown[], { writes }: StatementDescription): Promise<Rows> {
    this.requireTransaction()
    const values = bindMysql(params, text, this.toInteger)
    const commits = writes && !this.inTransaction
    const [result, fields] = await this.answer(text, commits, (done) => {
      this.connection.execute({ sql: text, values, rowsAsArray: true }, (error, ...answer) => {
        if (error !== null && values.length === 0 && isNotPreparable(error)) this.connection.query({ sql: text, rowsAsArray: true }, done)
        else done(error, ...answer)
      })
    })
    return this.toRows(text, result, fields)
  }

  async *batches(text: string, params: readonly unknown[], size: number): AsyncGenerator<Rows> {
    this.requireTransaction()
    const values = bindMysql(params, text, this.toInteger)
    if (this.broken) throw this.toError(new Error('The connection was lost.'), text, false)
    this.hurry()
    const reader = new MysqlReader(this.connection, this.connection.execute({ sql: text, values, rowsAsArray: true }), size)
    this.readers.add(reader)
    try {
      for (let rows = await reader.next(); rows !== undefined; rows = await reader.next()) yield this.toRows(text, rows, reader.fields)
    } catch (error) {
      if (isLost(error)) this.broken = true
      if (this.inTransaction && isRolledBack(error)) this.rolledBack = true
      throw this.toError(error, text, false)
    } finally {
      this.readers.delete(reader)
      // The rest of the rows would come to whoever asks next; a transaction has nobody else, and would be lost.
      if (!reader.isOver) {
        if (this.inTransaction) reader.discard()
        else this.destroy()
      }
    }
  }

  /** The protocol has no statement beside a result: it has to be here before another is answered. */
  private hurry(): void {
    for (const reader of this.readers) reader.hurry()
  }

  async script(text: string): Promise<void> {
    for (const statement of splitStatements(text, 'mysql')) await this.command(statement.text, !this.inTransaction)
  }

  async begin({ isolation, readOnly }: BeginOptions): Promise<void> {
    if (isolation !== undefined) await this.command(`set transaction isolation level ${isolation}`, false)
    await this.command(readOnly === true ? 'start transaction read only' : 'start transaction', false)
    this.inTransaction = true
  }

  async commit(): Promise<void> {
    this.requireTransaction()
    await this.command('commit', true)
    this.inTransaction = false
  }

  async rollback(): Promise<void> {
    this.inTransaction = false
    this.rolledBack = false
    await this.command('rollback', false)
  }

  async ping(): Promise<void> {
    await this.answer('ping', false, (done) => this.connection.ping((error) => done(error)))
  }

  async close(): Promise<void> {
    this.broken = true
    await new Promise<void>((resolve) => this.connection.end(() => resolve()))
  }

  destroy(): void {
    this.broken = true
    // mysql2 tells those who wait only when the socket has an error.
    ;(this.connection as unknown as { stream: { destroy(error: Error): void } }).stream.destroy(new TypeError('The connection was given up.'))
    this.connection.destroy()
  }

  /** How far keys that the server makes are apart: in a cluster each server leaves out those of the others. */
  async readInsertStep(): Promise<void> {
    const [rows] = await this.answer('select', false, (done) => this.connection.query({ sql: 'select @@auto_increment_increment', rowsAsArray: true }, done))
    this.insertStep = Number((rows as unknown[][])[0]?.[0])
  }

  /** For what the server does not prepare. */
  async command(text: string, commits: boolean): Promise<void> {
    await this.answer(text, commits, (done) => this.connection.query(text, done))
  }

  /** After a deadlock the server goes on without the transaction, and would commit each further statement at once. */
  private requireTransaction(): void {
    if (this.rolledBack) throw fail('TRANSACTION_ABORTED', undefined)
  }

  private toRows(text: string, result: unknown, fields: readonly MysqlField[] | undefined): Rows {
    if (!Array.isArray(result) || fields === undefined) {
      const { affectedRows = 0, insertId } = (result ?? {}) as Partial<ResultSetHeader>
      const key = typeof insertId === 'string' ? BigInt(insertId) : insertId
      return { columns: noColumns, rows: noRows, rowCount: affectedRows, insertId: key === 0 ? undefined : key, insertStep: this.insertStep }
    }
    const rows = result as unknown[][]
    const { columns, decoders } = this.shapes.of(text, fields)
    for (let index = 0; index < fields.length; index++) if (fields[index]?.columnType === longLong) toBigints(rows, index)
    return { columns, rows, rowCount: rows.length, decoders }
  }

  private toError(error: unknown, text: string, commits: boolean) {
    return toMysqlError(error, { text, commits, lost: this.broken || isLost(error) })
  }

  private answer(
    text: string,
    commits: boolean,
    send: (done: (error: QueryError | null, result?: unknown, fields?: FieldPacket[]) => void) => void,
  ): Promise<Answer> {
    if (this.broken) return Promise.reject(fail('DATABASE_CONNECTION_LOST', undefined, { headers: ['retry-after', '1'] }))
    if (this.readers.size > 0) this.hurry()
    if (this.underWay++ === 0) this.busySince = performance.now()
    return new Promise((resolve, reject) => {
      send((error, result, fields) => {
        this.busySince = --this.underWay === 0 ? undefined : performance.now()
        if (error === null || error === undefined) return resolve([result, fields as readonly MysqlField[] | undefined])
        if (isLost(error)) this.broken = true
        if (this.inTransaction && isRolledBack(error)) this.rolledBack = true
        reject(this.toError(error, text, commits))
      })
    })
  }
}

/** mysql2 gives integers beyond 2^53 as text. */
function toBigints(rows: unknown[][], index: number): void {
  for (const row of rows) if (typeof row[index] === 'string') row[index] = BigInt(row[index])
}
