import type { EventEmitter } from 'node:events'
import type { Connection } from 'mysql2'
import type { MysqlField } from './mysql-session.ts'

/**
 * Reads a result in parts. What comes faster than it is taken is held back on the connection – until a statement waits for
 * the connection: the protocol has no statement beside a result, so the rest is then kept here.
 */
export class MysqlReader {
  fields: readonly MysqlField[] = []
  private readonly connection: Connection
  private readonly size: number
  private rows: unknown[][] = []
  private unwanted = false
  private hurried = false
  private held = false
  private ended = false
  private failure: unknown
  private wake: (() => void) | undefined
  private readonly lost: (error?: unknown) => void

  constructor(connection: Connection, command: EventEmitter, size: number) {
    this.connection = connection
    this.size = size
    this.lost = (error) => this.end(error ?? new Error('The server closed the connection.'))
    command.on('fields', (fields: readonly MysqlField[]) => void (this.fields = fields))
    command.on('result', (row: unknown[]) => this.take(row))
    command.on('error', (error: unknown) => this.end(error))
    command.on('end', () => this.end(undefined))
    // The command itself hears nothing of it.
    connection.on('error', this.lost)
    connection.on('end', this.lost)
  }

  get isOver(): boolean {
    return this.ended
  }

  /** The next rows, `size` but for the last time; undefined when there are none left. */
  async next(): Promise<unknown[][] | undefined> {
    while (this.rows.length < this.size && !this.ended) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.wake = resolve
      // What was held back comes at once.
      this.goOn()
      await promise
    }
    if (this.failure !== undefined) throw this.failure
    const rows = this.rows.splice(0, this.size)
    return rows.length === 0 ? undefined : rows
  }

  /** Lets all that is left come, as somebody waits for the connection. */
  hurry(): void {
    this.hurried = true
    this.goOn()
  }

  /** Lets all that is left come and go. */
  discard(): void {
    this.unwanted = true
    this.rows = []
    this.hurry()
  }

  private take(row: unknown[]): void {
    if (this.unwanted) return
    this.rows.push(row)
    if (this.rows.length < this.size) return
    if (!this.hurried && !this.held && this.rows.length >= 2 * this.size) {
      this.held = true
      this.connection.pause()
    }
    this.wake?.()
  }

  private goOn(): void {
    if (!this.held) return
    this.held = false
    this.connection.resume()
  }

  private end(failure: unknown): void {
    if (this.ended) return
    this.ended = true
    this.failure = failure
    this.connection.off('error', this.lost)
    this.connection.off('end', this.lost)
    this.wake?.()
  }
}
