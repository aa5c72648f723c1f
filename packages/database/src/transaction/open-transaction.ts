import type { Awaitable } from 'glueful'
import type { Session } from '../driver/driver.ts'
import { fail } from '../errors.ts'
import type { WrittenTable } from '../sql/written-tables.ts'

type Callback = () => void | Promise<void>

/** A transaction or savepoint that is open on a session. */
export class OpenTransaction {
  /** The database it belongs to, by identity. */
  readonly owner: object
  readonly session: Session
  /** 0 for the transaction itself, then savepoints. */
  readonly depth: number
  readonly readOnly: boolean
  /** The ambient transaction around it, of this or another database. */
  readonly enclosing: OpenTransaction | undefined
  /** True for one that is rolled back in any case, by a test or a trial: what is inside commits as far as the application can tell. */
  readonly isTrial: boolean
  /** The trial that it is a part of: once that is over, whatever still goes on inside must not touch the session. */
  readonly within: OpenTransaction | undefined
  private ended = false
  private readonly statements = new Set<Promise<unknown>>()
  private nested: Promise<unknown> | undefined
  private readonly written = new Map<string, WrittenTable>()
  private readonly committed: Callback[] = []
  private readonly rolledBack: Callback[] = []

  constructor(parts: {
    owner: object
    session: Session
    depth: number
    readOnly: boolean
    enclosing: OpenTransaction | undefined
    isTrial?: boolean
    within?: OpenTransaction | undefined
  }) {
    this.owner = parts.owner
    this.session = parts.session
    this.depth = parts.depth
    this.readOnly = parts.readOnly
    this.enclosing = parts.enclosing
    this.isTrial = parts.isTrial ?? false
    this.within = parts.within
  }

  /** @throws `TRANSACTION_ENDED` */
  requireOpen(): void {
    if (this.ended || this.isCutOff) throw fail('TRANSACTION_ENDED', undefined)
  }

  /** Whether the trial around it is over. */
  get isCutOff(): boolean {
    return this.within?.ended === true
  }

  /** What a statement has to wait for: a savepoint of another flow, which would take the statement with it. */
  get blocked(): Promise<unknown> | undefined {
    return this.nested
  }

  /** Remembers a statement under way, so that the transaction does not end before it. */
  private track<T>(statement: Promise<T>): Promise<T> {
    this.statements.add(statement)
    void statement.catch(() => undefined).finally(() => this.statements.delete(statement))
    return statement
  }

  /**
   * Waits until no nested transaction is open, however many want to be next.
   * @throws `DATABASE_BUSY` after `timeout` ms, as when the nested one waits for this very statement
   */
  async untilFree(timeout: number): Promise<void> {
    const deadline = performance.now() + timeout
    while (this.nested !== undefined) {
      const left = deadline - performance.now()
      if (left <= 0 || !(await settledWithin(this.nested, left))) throw fail('DATABASE_BUSY', { waitedMs: timeout }, { headers: ['retry-after', '1'] })
    }
    this.requireOpen()
  }

  /** Does `work` now, or once no nested transaction is open. */
  whenFree<T>(work: () => Awaitable<T>, timeout: number): Awaitable<T> {
    this.requireOpen()
    if (this.nested === undefined) {
      const result = work()
      return result instanceof Promise ? this.track(result) : result
    }
    return this.track(this.later(work, timeout))
  }

  private async later<T>(work: () => Awaitable<T>, timeout: number): Promise<T> {
    while (this.nested !== undefined) await this.untilFree(timeout)
    return work()
  }

  /**
   * Lets a nested transaction in; the returned function lets it out. Who waited for others may find that all has ended
   * since: the session then belongs to somebody else.
   * @throws `TRANSACTION_ENDED`
   */
  enterNested(): () => void {
    this.requireOpen()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.nested = promise
    return () => {
      this.nested = undefined
      resolve()
    }
  }

  /** Refuses further statements once those under way have come back. */
  async end(): Promise<void> {
    // What is nested may never end by itself where it was cut off.
    const nested = () => (this.ended ? undefined : this.nested)
    while (nested() !== undefined || this.statements.size > 0) await Promise.allSettled([nested(), ...this.statements])
    this.ended = true
  }

  /** Refuses further statements at once, also those of what is nested and goes on. */
  cutOff(): void {
    this.ended = true
  }

  /** Remembers what it writes to, for those who are told once it has committed. */
  noteWritten(written: Iterable<WrittenTable>): void {
    for (const one of written) this.written.set(`${one.how} ${one.table}`, one)
  }

  get writtenTables(): Iterable<WrittenTable> {
    return this.written.values()
  }

  onCommit(callback: Callback): void {
    this.committed.push(callback)
  }

  onRollback(callback: Callback): void {
    this.rolledBack.push(callback)
  }

  /** What is to be called now that it has ended one way or the other. */
  callbacks(outcome: 'committed' | 'rolledBack'): readonly Callback[] {
    return outcome === 'committed' ? this.committed : this.rolledBack
  }

  /** Hands the callbacks to the transaction around it: a savepoint that is released commits with it, or not. */
  promoteTo(outer: OpenTransaction): void {
    outer.committed.push(...this.committed)
    outer.rolledBack.push(...this.rolledBack)
    outer.noteWritten(this.written.values())
  }
}

async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(() => resolve(false), ms)
  const settled = await Promise.race([promise.then(() => true as const), late])
  clearTimeout(timer)
  return settled
}
