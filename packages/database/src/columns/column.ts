/** What a column holds; the schema builder and the casts know each of these. */
export type ColumnType =
  | 'uuid'
  | 'string'
  | 'text'
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'json'
  | 'enumeration'
  | 'binary'
  | 'encrypted'

export type ReferenceAction = 'cascade' | 'restrict' | 'set null' | 'no action'

export interface ColumnReference {
  readonly table: string
  /** Default: `id`. */
  readonly column: string
  readonly onDelete: ReferenceAction | undefined
  readonly onUpdate: ReferenceAction | undefined
}

/** Everything that a column says of itself; models, migrations and validators read it. */
export interface ColumnFacts {
  readonly type: ColumnType
  readonly nullable: boolean
  readonly primary: boolean
  /** Who makes the key where none is given: the model (uuid v7), or the database by counting up. */
  readonly generated: 'uuid' | 'increment' | undefined
  /** Set where there is a default; written into the table and used by `create`. */
  readonly default: { readonly value: unknown } | undefined
  readonly references: ColumnReference | undefined
  readonly unique: boolean
  readonly index: boolean
  /** Never part of JSON, and masked wherever something is written down. */
  readonly hidden: boolean
  /** Masked wherever something is written down. */
  readonly personal: boolean
  /** Counts up with each update; an update of an older version is refused. */
  readonly version: boolean
  /** Kept by the model. */
  readonly role: 'createdAt' | 'updatedAt' | 'deletedAt' | undefined
  /** Longest value in characters, of strings. */
  readonly length: number | undefined
  /** Digits in all, and behind the point, of decimals. */
  readonly precision: number | undefined
  readonly scale: number | undefined
  /** The values of an enumeration. */
  readonly values: readonly string[] | undefined
  /** Of bigints: read as numbers. */
  readonly as: 'number' | undefined
}

/** What the types know of a column besides its value. */
export type ColumnFlag = 'key' | 'auto' | 'optional' | 'hidden' | 'kept'

const plain: Omit<ColumnFacts, 'type'> = {
  nullable: false,
  primary: false,
  generated: undefined,
  default: undefined,
  references: undefined,
  unique: false,
  index: false,
  hidden: false,
  personal: false,
  version: false,
  role: undefined,
  length: undefined,
  precision: undefined,
  scale: undefined,
  values: undefined,
  as: undefined,
}

/**
 * One column of a table, as models and migrations describe it. Made by `uuid()`, `string()` and the other builders; each
 * method returns a new column. Columns are not null unless they say `nullable()`.
 */
export class Column<Value = unknown, Flags extends ColumnFlag = ColumnFlag> {
  readonly facts: ColumnFacts
  /** Carries the types; never present at run time. */
  declare readonly '~value': Value
  declare readonly '~flags': Flags

  constructor(facts: Partial<ColumnFacts> & Pick<ColumnFacts, 'type'>) {
    this.facts = { ...plain, ...facts }
  }

  /** The table's key. Uuids are made by the model (version 7), integers by the database, where `create` gets none. */
  primary(): Column<Value, Flags | 'key' | ('auto' extends Flags ? 'optional' : never)> {
    const { type } = this.facts
    const generated = type === 'uuid' ? 'uuid' : type === 'integer' || type === 'bigint' ? 'increment' : undefined
    return this.#with({ primary: true, generated })
  }

  /** May be null; null where `create` gets nothing. */
  nullable(): Column<Value | null, Flags | 'optional'> {
    return this.#with({ nullable: true })
  }

  /** Used where `create` gets nothing; also the default of the table. */
  default(value: NoInfer<Value>): Column<Value, Flags | 'optional'> {
    return this.#with({ default: { value } })
  }

  /** A foreign key. Default: column `id`, and the database's own action (refuse). */
  references(table: string, column = 'id', actions: { readonly onDelete?: ReferenceAction; readonly onUpdate?: ReferenceAction } = {}): Column<Value, Flags> {
    return this.#with({ references: { table, column, onDelete: actions.onDelete, onUpdate: actions.onUpdate } })
  }

  unique(): Column<Value, Flags> {
    return this.#with({ unique: true })
  }

  index(): Column<Value, Flags> {
    return this.#with({ index: true })
  }

  /** About a person: answered as any column, and masked in logs, audit entries, error reports and shown payloads. */
  personal(): Column<Value, Flags> {
    return this.#with({ personal: true })
  }

  /** Never serialised, and masked in logs, audit entries, error reports and shown payloads: passwords, secrets. */
  hidden(): Column<Value, Flags | 'hidden'> {
    return this.#with({ hidden: true })
  }

  /** Of an integer: the optimistic lock. Each save counts it up, and refuses (409) when another was quicker. */
  version(): Column<Value, Flags | 'optional' | 'kept'> {
    return this.#with({ version: true, default: { value: 1 } })
  }

  #with<V, F extends ColumnFlag>(facts: Partial<ColumnFacts>): Column<V, F> {
    return new Column<V, F>({ ...this.facts, ...facts })
  }
}

/** The columns of a table by name, in the table's order. */
export type Columns = Readonly<Record<string, Column>>
