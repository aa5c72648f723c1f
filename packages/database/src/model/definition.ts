import type { ColumnFacts } from '../columns/column.ts'
import { fail } from '../errors.ts'
import { describeFullText, fullTextColumn } from '../full-text/describe-full-text.ts'
import type { FullTextShape } from '../full-text/full-text-options.ts'
import type { Dialect } from '../sql/dialect.ts'
import { DialectModel } from './dialect-model.ts'
import type { BoundRelation, RelationPlan } from './bound-relation.ts'
import type { AnyModel, ModelSource } from './model-source.ts'
import type { ModelQuery } from '../query/model-query.ts'
import type { Observer } from './observer.ts'

export interface ModelColumn {
  readonly name: string
  readonly facts: ColumnFacts
  readonly index: number
}

let count = 0

type Role = 'createdAt' | 'updatedAt' | 'deletedAt'

/** All there is to know of a model at run time, worked out once when it is first used. */
export class ModelDefinition {
  /** Tells models apart in keys of caches. */
  readonly id = ++count
  readonly model: ModelSource
  readonly name: string
  readonly table: string
  readonly columns: readonly ModelColumn[]
  readonly #byName: ReadonlyMap<string, ModelColumn>
  readonly version: ModelColumn | undefined
  readonly createdAt: ModelColumn | undefined
  readonly updatedAt: ModelColumn | undefined
  readonly deletedAt: ModelColumn | undefined
  readonly observers: Observer[] = []
  readonly #key: ModelColumn | undefined
  #fullText: FullTextShape | undefined
  readonly #dialects = new Map<Dialect, DialectModel>()
  /** Most programs speak one dialect. */
  #last: DialectModel | undefined
  readonly #relations = new Map<string, BoundRelation>()

  constructor(model: ModelSource) {
    this.model = model
    this.name = model.name
    this.table = model.table
    this.columns = Object.entries(model.columns).map(([name, { facts }], index) => ({ name, facts, index }))
    this.#byName = new Map(this.columns.map((column) => [column.name, column]))
    const keys = this.columns.filter((column) => column.facts.primary)
    this.#key = keys.length === 1 ? keys[0] : undefined
    this.version = this.columns.find((column) => column.facts.version)
    this.createdAt = this.#role('createdAt')
    this.updatedAt = this.#role('updatedAt')
    this.deletedAt = this.#role('deletedAt')
    this.#checkNames()
  }

  /** The primary key. @throws `MODEL_KEY_MISSING` where there is none, or more than one column. */
  get key(): ModelColumn {
    if (this.#key === undefined) throw fail('MODEL_KEY_MISSING', { model: this.name })
    return this.#key
  }

  /**
   * What of the model is searched.
   * @throws `FULL_TEXT_MISSING`; `FULL_TEXT_INVALID` for what cannot be searched
   */
  get fullText(): FullTextShape {
    return (this.#fullText ??= this.#describeFullText())
  }

  get hasKey(): boolean {
    return this.#key !== undefined
  }

  /** @throws `COLUMN_UNKNOWN` */
  column(name: string): ModelColumn {
    const column = this.#byName.get(name)
    if (column === undefined) throw fail('COLUMN_UNKNOWN', { model: this.name, column: String(name), known: [...this.#byName.keys()] })
    return column
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  get relationNames(): readonly string[] {
    return Object.keys(this.model.relations ?? {})
  }

  /** A new query of the model's own class, with its scopes. */
  query(): ModelQuery {
    return new this.model.Query(this)
  }

  /** @throws `RELATION_UNKNOWN`, and what is wrong with the relation's own columns */
  relation(name: string): BoundRelation {
    let bound = this.#relations.get(name)
    if (bound === undefined) {
      const plan = Object.hasOwn(this.model.relations ?? {}, name) ? (this.model.relations?.[name] as RelationPlan) : undefined
      if (plan === undefined) throw fail('RELATION_UNKNOWN', { model: this.name, relation: name, known: this.relationNames })
      bound = plan.bind(this, name)
      this.#relations.set(name, bound)
    }
    return bound
  }

  on(dialect: Dialect): DialectModel {
    if (this.#last?.dialect === dialect) return this.#last
    let found = this.#dialects.get(dialect)
    if (found === undefined) this.#dialects.set(dialect, (found = new DialectModel(this, dialect)))
    this.#last = found
    return found
  }

  #describeFullText(): FullTextShape {
    const { fullText } = this.model.options
    if (fullText === undefined) throw fail('FULL_TEXT_MISSING', { model: this.name })
    const shape = describeFullText(this.name, fullText, this.key.name)
    for (const { name } of shape.columns) {
      const { type, hidden } = this.column(name).facts
      const problem = hidden ? 'hidden, and its values could be guessed through a search' : searchable.has(type) ? undefined : `${type}, not text`
      if (problem !== undefined) throw fail('FULL_TEXT_INVALID', { owner: this.name, problem: `${name} is ${problem}` })
    }
    if (this.has(fullTextColumn)) throw fail('MODEL_NAME_TAKEN', { model: this.name, name: fullTextColumn, by: 'a column and the index of its search' })
    return shape
  }

  #role(role: Role): ModelColumn | undefined {
    return this.columns.find((column) => column.facts.role === role)
  }

  #checkNames(): void {
    for (const name of this.relationNames) if (this.#byName.has(name)) throw fail('MODEL_NAME_TAKEN', { model: this.name, name, by: 'a column and a relation' })
    for (const { name } of this.columns)
      if (reserved.has(name)) throw fail('MODEL_NAME_TAKEN', { model: this.name, name, by: 'a column and a method of records' })
    for (const name of this.relationNames)
      if (reserved.has(name)) throw fail('MODEL_NAME_TAKEN', { model: this.name, name, by: 'a relation and a method of records' })
  }
}

const reserved = new Set([
  'save',
  'update',
  'delete',
  'restore',
  'forceDelete',
  'refresh',
  'increment',
  'decrement',
  'isDirty',
  'isSaved',
  'fill',
  'pivot',
  'changes',
  'original',
  'load',
  'loadMissing',
  'related',
  'toJSON',
  'toObject',
  'exists',
  'constructor',
  '__proto__',
  'then',
])

const searchable: ReadonlySet<string> = new Set(['string', 'text', 'enumeration'])

const definitions = new WeakMap<AnyModel, ModelDefinition>()
let last: ModelDefinition | undefined

/** The definition of a model class. */
export function definitionOf(model: AnyModel): ModelDefinition {
  // Who asks for a model asks for it again, and looking it up is a good part of what a small query costs.
  if (last !== undefined && last.model === model) return last
  let definition = definitions.get(model)
  if (definition === undefined) {
    definition = new ModelDefinition(model as ModelSource)
    definitions.set(model, definition)
    for (const name of definition.relationNames) defineRelationAccessor((model as unknown as { prototype: object }).prototype, name)
  }
  last = definition
  return definition
}

let readRelation: (record: object, name: string) => unknown = () => undefined

/** How a relation's name is answered on a record; set by the relations floor, which stands above this one. */
export function onRelationRead(read: (record: object, name: string) => unknown): void {
  readRelation = read
}

function defineRelationAccessor(prototype: object, name: string): void {
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: object) {
      return readRelation(this, name)
    },
  })
}
