import { fail } from '../errors.ts'
import type { ModelColumn } from '../model/definition.ts'
import type { ModelRecord } from '../model/record-state.ts'
import type { ModelQuery } from './model-query.ts'

export interface PageInput {
  /** From 1. Default: 1. */
  readonly page?: number | undefined
  /** Records a page, at most `max`. Default: 25. */
  readonly perPage?: number | undefined
  /** The largest `perPage`. Default: 100. */
  readonly max?: number | undefined
}

/** A page by its number: the one shape of pages everywhere. */
export interface NumberedPage<Item> {
  readonly data: Item[]
  readonly meta: { readonly page: number; readonly perPage: number; readonly total: number; readonly totalPages: number }
}

export interface CursorInput {
  /** `meta.next` or `meta.previous` of another page; the first page without. */
  readonly cursor?: string | undefined
  readonly perPage?: number | undefined
  readonly max?: number | undefined
}

/** A page by its neighbours: as quick at the end of a large table as at its beginning, and steady while records come and go. */
export interface CursorPage<Item> {
  readonly data: Item[]
  readonly meta: { readonly perPage: number; readonly next: string | null; readonly previous: string | null }
}

const lastPage = 1_000_000

export async function numberedPage(query: ModelQuery, input: PageInput): Promise<NumberedPage<ModelRecord>> {
  const page = whole('page', input.page ?? 1, lastPage)
  const perPage = whole('perPage', input.perPage ?? 25, input.max ?? 100)
  const counted = query.clone()
  counted.unordered()
  const paged = ordered(query.clone())
    .limit(perPage)
    .offset((page - 1) * perPage)
  // At once: a server answers both in the time of one.
  const [total, data] = await Promise.all([counted.count(), paged.get()])
  return { data, meta: { page, perPage, total, totalPages: Math.ceil(total / perPage) } }
}

/** Without an order pages could overlap. */
function ordered(query: ModelQuery): ModelQuery {
  const { state, definition } = query
  if (definition.hasKey && !state.orders.some((order) => order.column === definition.key.index))
    state.orders = [...state.orders, { column: definition.key.index, descending: state.orders.at(-1)?.descending === true }]
  return query
}

export async function cursorPage(query: ModelQuery, input: CursorInput): Promise<CursorPage<ModelRecord>> {
  const { definition } = query
  // Without a key equal values could lose a record, and no order would begin each page anew.
  void definition.key
  const perPage = whole('perPage', input.perPage ?? 25, input.max ?? 100)
  if (query.state.relevance !== undefined)
    throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what: 'paginateByCursor', with: 'the order of relevance; say orderBy' })
  const base = ordered(query.clone())
  const orders = base.state.orders.map(({ column, descending }) => {
    if (typeof column !== 'number') throw fail('CURSOR_ORDER_NULLABLE', { model: definition.name, column: column.relation })
    return { column: definition.columns[column] as ModelColumn, descending }
  })
  for (const { column } of orders) {
    base.selectAlso(column.index)
    if (column.facts.nullable) throw fail('CURSOR_ORDER_NULLABLE', { model: definition.name, column: column.name })
  }
  const cursor = input.cursor === undefined ? undefined : decodeCursor(input.cursor, orders.length)
  const backwards = cursor?.direction === 'previous'
  if (cursor !== undefined) addBoundary(base.isolate(), orders, cursor.values, backwards)
  if (backwards) base.state.orders = base.state.orders.map((order) => ({ ...order, descending: !order.descending }))
  const found = await base.limit(perPage + 1).get()
  const more = found.length > perPage
  const data = backwards ? found.slice(0, perPage).reverse() : found.slice(0, perPage)
  const at = (direction: 'next' | 'previous', record: ModelRecord | undefined) =>
    record === undefined
      ? null
      : encodeCursor(
          direction,
          orders.map(({ column }) => record[column.name]),
        )
  const next = backwards || more ? at('next', data.at(-1)) : null
  const previous = (backwards ? more : cursor !== undefined) ? at('previous', data[0]) : null
  return { data, meta: { perPage, next, previous } }
}

/** `(a, b) > (x, y)` spelt out, as columns may run in different directions. */
function addBoundary(
  query: ModelQuery,
  orders: readonly { readonly column: ModelColumn; readonly descending: boolean }[],
  values: readonly unknown[],
  backwards: boolean,
): void {
  query.where((outer: ModelQuery) => {
    orders.forEach(({ column, descending }, index) => {
      outer.orWhere((inner: ModelQuery) => {
        for (let before = 0; before < index; before++)
          inner.where((orders[before] as { column: ModelColumn }).column.name, '=', revive(orders[before]?.column as ModelColumn, values[before]))
        inner.where(column.name, descending === backwards ? '>' : '<', revive(column, values[index]))
      })
    })
  })
}

function encodeCursor(direction: 'next' | 'previous', values: readonly unknown[]): string {
  const plain = values.map((value) => (value instanceof Date ? value.getTime() : typeof value === 'bigint' ? value.toString() : value))
  return Buffer.from(JSON.stringify([direction, ...plain])).toString('base64url')
}

function decodeCursor(cursor: string, length: number): { readonly direction: 'next' | 'previous'; readonly values: readonly unknown[] } {
  try {
    const [direction, ...values] = JSON.parse(Buffer.from(cursor.slice(0, 4_000), 'base64url').toString()) as unknown[]
    if (
      (direction === 'next' || direction === 'previous') &&
      values.length === length &&
      values.every((value) => ['string', 'number', 'boolean'].includes(typeof value))
    )
      return { direction, values }
  } catch {
    // Said below.
  }
  throw fail('CURSOR_INVALID', undefined, { errors: [{ path: ['query', 'cursor'], code: 'invalid_cursor', message: 'not a cursor of this list' }] })
}

function revive({ facts }: ModelColumn, value: unknown): unknown {
  if (facts.type === 'timestamp' && typeof value === 'number') return new Date(value)
  if (facts.type === 'bigint' && facts.as === undefined && typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return BigInt(value)
  return value
}

function whole(name: string, value: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value
  throw fail(
    'PAGE_INVALID',
    { name, found: String(value), most },
    { errors: [{ path: ['query', name], code: 'invalid_value', message: `expected a whole number from 1 to ${most}` }] },
  )
}
