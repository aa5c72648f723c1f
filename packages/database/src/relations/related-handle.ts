import { castOf } from '../columns/cast.ts'
import { fail } from '../errors.ts'
import type { BoundRelation } from '../model/bound-relation.ts'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { createMany, createRecord } from '../model/create.ts'
import { currentSeal } from '../model/surroundings.ts'
import { RAW, RELATED, SET, type ModelRecord } from '../model/record-state.ts'
import { originalKey } from '../model/save-record.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'
import { BoundBelongsTo } from './belongs-to.ts'
import { BoundHas } from './has-many.ts'
import { keep, relatedQuery } from './keep.ts'
import { BoundThrough } from './through.ts'

/** Keys that one statement names. */
const mostAtOnce = 10_000

type Values = Readonly<Record<string, unknown>>

/** What can be done with a relation of one record besides reading it. The typed face is `RelatedHandle`. */
export function relatedHandle(record: ModelRecord, relation: BoundRelation) {
  return new RelationHandle(record, relation)
}

class RelationHandle {
  readonly #record: ModelRecord
  readonly #relation: BoundRelation

  constructor(record: ModelRecord, relation: BoundRelation) {
    if (record[RAW] === undefined) throw fail('RECORD_NOT_SAVED', { model: relation.owner.name })
    this.#record = record
    this.#relation = relation
  }

  /** A query for the related records. */
  query(): ModelQuery {
    const relation = this.#relation
    if (relation instanceof BoundHas) {
      const query = relatedQuery(relation.target, [this.#record]).where(relation.parts.column.name, this.#record[relation.parts.ownColumn.name])
      relation.addType(query)
      return query.confine()
    }
    if (relation instanceof BoundBelongsTo) {
      const key = this.#record[relation.parts.column.name]
      return relatedQuery(relation.target, [this.#record])
        .whereIn(relation.parts.targetColumn.name, key === null ? [] : [key])
        .confine()
    }
    if (relation instanceof BoundThrough) {
      const query = relatedQuery(relation.target, [this.#record])
      query.state.through = relation.through([this.#ownerKey(relation)])
      return query
    }
    throw this.#unfit('query')
  }

  create(input: Values): Promise<ModelRecord> {
    const relation = this.#has('create')
    this.#forget()
    return createRecord(relation.target, { ...input, ...this.#link(relation) })
  }

  createMany(inputs: readonly Values[]): Promise<ModelRecord[]> {
    const relation = this.#has('createMany')
    this.#forget()
    return createMany(
      relation.target,
      inputs.map((input) => ({ ...input, ...this.#link(relation) })),
    )
  }

  /** Points a `belongsTo` at another record, or at none; `save` writes it. */
  associate(other: ModelRecord | null): void {
    const relation = this.#relation
    if (!(relation instanceof BoundBelongsTo)) throw this.#unfit('associate')
    this.#record[relation.parts.column.name] = other === null ? null : other[relation.parts.targetColumn.name]
    keep(this.#record, relation.name, other)
  }

  /** Links records by their keys; those linked already stay as they are. Gives how many were new. */
  async attach(keys: unknown, pivot: Values = {}): Promise<number> {
    const relation = this.#linked('attach')
    const wanted = this.#keyList(relation, keys)
    return this.#alone(async (linked) => {
      const present = new Set(linked.map(String))
      const missing = [...new Map(wanted.map((key) => [String(key), key])).values()].filter((key) => !present.has(String(key)))
      if (missing.length > 0) await this.#insertLinks(relation, missing, pivot)
      this.#forget()
      return missing.length
    })
  }

  /** Removes links – all of them where no keys are given. Gives how many there were. */
  async detach(keys?: unknown): Promise<number> {
    const relation = this.#linked('detach')
    this.#forget()
    if (keys === undefined) return this.#detachSome(relation, undefined)
    const gone = listOf(keys)
    if (gone.length <= mostAtOnce) return gone.length === 0 ? 0 : this.#detachSome(relation, gone)
    return this.#database().transaction(async () => {
      let count = 0
      for (let start = 0; start < gone.length; start += mostAtOnce) count += await this.#detachSome(relation, gone.slice(start, start + mostAtOnce))
      return count
    })
  }

  async #detachSome(relation: BoundThrough, gone: readonly unknown[] | undefined): Promise<number> {
    const { table, column, ownerColumn, type } = relation.parts
    const params: unknown[] = [this.#ownerKey(relation)]
    const { mark, quote } = this.#writer()
    let text = `delete from ${quote(table)} where ${quote(ownerColumn)} = ${mark(1)}`
    if (type !== undefined) text += ` and ${quote(type.column)} = ${mark(params.push(type.value))}`
    if (gone !== undefined) text += ` and ${quote(column)} in (${gone.map((key) => mark(params.push(this.#encodeKey(relation, key)))).join(', ')})`
    return (await this.#database().execute(text, params)).rowCount
  }

  /** Makes the links exactly these. */
  async sync(keys: unknown, pivot: Values = {}): Promise<{ readonly attached: number; readonly detached: number }> {
    const relation = this.#linked('sync')
    const wanted = new Set(this.#keyList(relation, keys).map(String))
    return this.#alone(async (present) => {
      const gone = present.filter((key) => !wanted.has(String(key)))
      const detached = gone.length === 0 ? 0 : await this.detach(gone)
      return { attached: await this.attach(keys, pivot), detached }
    })
  }

  /** Changes columns of the table between, for some links or all. */
  async updatePivot(keys: unknown, values: Values): Promise<number> {
    const relation = this.#linked('updatePivot')
    const wanted = listOf(keys)
    const { table, column, ownerColumn, type } = relation.parts
    const params: unknown[] = []
    const { mark, quote } = this.#writer()
    const sets = this.#pivotValues(relation, values).map(([name, value]) => `${quote(name)} = ${mark(params.push(value))}`)
    if (sets.length === 0 || wanted.length === 0) return 0
    let text = `update ${quote(table)} set ${sets.join(', ')} where ${quote(ownerColumn)} = ${mark(params.push(this.#ownerKey(relation)))}`
    if (type !== undefined) text += ` and ${quote(type.column)} = ${mark(params.push(type.value))}`
    text += ` and ${quote(column)} in (${wanted.map((key) => mark(params.push(this.#encodeKey(relation, key)))).join(', ')})`
    this.#forget()
    return (await this.#database().execute(text, params)).rowCount
  }

  /** The keys that are linked, whether or not their records are there. */
  keys(): Promise<unknown[]> {
    return this.#keys('')
  }

  async #keys(lock: string): Promise<unknown[]> {
    const relation = this.#linked('keys')
    const { table, column, ownerColumn, type, target } = relation.parts
    const { mark, quote } = this.#writer()
    const typed = type === undefined ? '' : ` and ${quote(type.column)} = ${mark(2)}`
    const { rows } = await this.#database().execute(`select ${quote(column)} from ${quote(table)} where ${quote(ownerColumn)} = ${mark(1)}${typed}${lock}`, [
      this.#ownerKey(relation),
      ...(type === undefined ? [] : [type.value]),
    ])
    const { decode } = target.on(this.#database().dialect).column(target.key.index).cast
    return rows.map((row) => (decode === undefined ? row[0] : decode(row[0])))
  }

  /** Changes links that nobody else changes meanwhile: whoever links the same record has to wait. */
  #alone<T>(work: (keys: readonly unknown[]) => Promise<T>): Promise<T> {
    const { owner } = this.#relation
    const database = this.#database() as ManagedDatabase
    // A transaction that is open already may see links as they were when it began.
    const old = database.dialect === 'mysql' && database.openTransaction() !== undefined
    return database.transaction(async () => {
      const key = originalKey(owner, this.#record)
      await owner.query().using(database).withDeleted().withoutScopes().select(owner.key.name).whereKey(key).forUpdate().first()
      return work(await this.#keys(old ? ' lock in share mode' : ''))
    })
  }

  async #insertLinks(relation: BoundThrough, keys: readonly unknown[], pivot: Values): Promise<void> {
    const { table, column, ownerColumn, type } = relation.parts
    const extra = this.#pivotValues(relation, { ...defaultsOf(relation), ...pivot })
    const { mark, quote } = this.#writer()
    const names = [ownerColumn, column, ...(type === undefined ? [] : [type.column]), ...extra.map(([name]) => name)]
    for (let start = 0; start < keys.length; start += 1_000) {
      const params: unknown[] = []
      const rows = keys.slice(start, start + 1_000).map((key) => {
        const values = [
          this.#ownerKey(relation),
          this.#encodeKey(relation, key),
          ...(type === undefined ? [] : [type.value]),
          ...extra.map(([, value]) => value),
        ]
        return `(${values.map((value) => mark(params.push(value))).join(', ')})`
      })
      await this.#database().execute(`insert into ${quote(table)} (${names.map(quote).join(', ')}) values ${rows.join(', ')}`, params)
    }
  }

  #pivotValues(relation: BoundThrough, values: Values): [string, unknown][] {
    return Object.entries(values).map(([name, value]) => {
      const column = Object.hasOwn(relation.parts.pivot, name) ? relation.parts.pivot[name] : undefined
      if (column === undefined) throw fail('COLUMN_UNKNOWN', { model: relation.parts.table, column: name, known: Object.keys(relation.parts.pivot) })
      return [name, castOf(name, column.facts, this.#database().dialect, currentSeal).encode(value)]
    })
  }

  /** Keys as records have them: a uuid may be given in upper case. */
  #keyList(relation: BoundThrough, keys: unknown): unknown[] {
    const { encode, decode } = relation.target.on(this.#database().dialect).column(relation.target.key.index).cast
    return listOf(keys).map((key) => (decode === undefined ? encode(key) : decode(encode(key))))
  }

  #encodeKey(relation: BoundThrough, key: unknown): unknown {
    return relation.target.on(this.#database().dialect).column(relation.target.key.index).cast.encode(key)
  }

  #ownerKey(relation: BoundThrough): unknown {
    return this.#record[RAW]?.[this.#record[SET].shape.positions[relation.owner.key.index] as number]
  }

  #link(relation: BoundHas): Values {
    const { column, ownColumn, type } = relation.parts
    return { [column.name]: this.#record[ownColumn.name], ...(type === undefined ? {} : { [type.name]: relation.owner.table }) }
  }

  #writer() {
    const { dialect } = this.#database()
    return { mark: (position: number) => (dialect === 'postgres' ? `$${position}` : '?'), quote: (name: string) => quoteIdentifier(name, dialect) }
  }

  #database() {
    return relatedQuery(this.#relation.owner, [this.#record]).database
  }

  #forget(): void {
    if (this.#record[RELATED] !== undefined) delete this.#record[RELATED][this.#relation.name]
  }

  #has(what: string): BoundHas {
    if (this.#relation instanceof BoundHas) return this.#relation
    throw this.#unfit(what)
  }

  #linked(what: string): BoundThrough {
    if (this.#relation instanceof BoundThrough && this.#relation.parts.linked) return this.#relation
    throw this.#unfit(what)
  }

  #unfit(what: string): Error {
    return fail('RELATION_INVALID', {
      relation: `${this.#relation.owner.name}.${this.#relation.name}`,
      problem: `${what} does not fit its kind`,
      fix: 'Use what its kind offers.',
    })
  }
}

function listOf(keys: unknown): readonly unknown[] {
  return Array.isArray(keys) ? keys : [keys]
}

function defaultsOf(relation: BoundThrough): Values {
  return Object.fromEntries(
    Object.entries(relation.parts.pivot).flatMap(([name, { facts }]) => (facts.default === undefined ? [] : [[name, facts.default.value]])),
  )
}
