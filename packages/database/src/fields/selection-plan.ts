import { suggest } from 'glueful'
import { fail } from '../errors.ts'
import type { ModelDefinition } from '../model/definition.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { allowedPart, ownPart } from './allowed-fields.ts'
import { emptyTree, parseExpand, parseFields, type FieldLimits, type FieldTree } from './parse-fields.ts'
import { at } from './parameter-fault.ts'

export interface SelectionLimits extends FieldLimits {
  /** Related records for each record. Default 1,000. */
  readonly maxItems: number
}

export const defaultSelectionLimits: SelectionLimits = { maxDepth: 4, maxFields: 100, maxItems: 1_000 }

export interface DeclaredSelection {
  readonly fields?: readonly string[] | undefined
  readonly expand?: readonly string[] | undefined
  readonly computed?: readonly string[] | undefined
  readonly strict?: boolean | undefined
}

/** What a client may choose of a model's records and of what they lead to. */
export interface SelectionPlan {
  readonly choosesFields: boolean
  readonly expandable: readonly string[]
  /** The allowed fields as clients write them: `dealer(name)`. */
  readonly names: readonly string[]
  /** What was asked, judged; undefined where it is everything. */
  read(fields: unknown, expand: unknown): FieldTree | undefined
}

/** @throws `LIST_QUERY_INVALID` */
export function planSelection(
  definition: ModelDefinition,
  { fields, expand = [], computed = [], strict = true }: DeclaredSelection,
  limits: SelectionLimits,
): SelectionPlan {
  const root = emptyTree()
  if (fields === undefined) root.whole = true
  const whole = new Set<FieldTree>()
  for (const path of fields ?? []) allow(definition, root, path.split('.'), path, (tree, last) => last && whole.add(tree))
  for (const path of expand) allow(definition, root, [...path.split('.'), undefined], path, (tree) => whole.add(tree))
  for (const [name, child] of root.relations) fillWhole(definition.relation(name).target, child, whole)
  for (const name of computed) root.fields.add(name)
  const everything = fields === undefined ? undefined : ownPart(root)
  return {
    choosesFields: fields !== undefined,
    expandable: expand,
    names: writtenNames(root),
    read: (fieldsText, expandText) => {
      const wanted = fields === undefined ? undefined : textOf(fieldsText, 'fields')
      const along = expand.length === 0 ? undefined : textOf(expandText, 'expand')
      if (wanted === undefined && along === undefined) return everything
      const part = wanted === undefined ? ownPart(root) : allowedPart(parseFields(wanted, limits), root, strict, 'fields')
      for (const path of along === undefined ? [] : parseExpand(along, limits)) addExpansion(part, root, path, expand, strict)
      return part
    },
  }
}

function writtenNames({ fields, relations }: FieldTree): string[] {
  return [...fields, ...[...relations].map(([name, child]) => `${name}(${writtenNames(child).join(',') || '*'})`)]
}

/** Names that may be shown: columns that are not hidden, and getters that are part of JSON. */
function visibleNames(definition: ModelDefinition): string[] {
  return [...definition.columns.filter(({ facts }) => !facts.hidden && facts.type !== 'encrypted').map(({ name }) => name), ...(definition.model.appends ?? [])]
}

/** Adds a declared path to what is allowed; one that ends in undefined is a relation as a whole. */
function allow(
  definition: ModelDefinition | undefined,
  tree: FieldTree,
  [name, ...rest]: readonly (string | undefined)[],
  path: string,
  reach: (relation: FieldTree, last: boolean) => unknown,
): void {
  if (name === undefined) return
  if (definition === undefined) {
    // A relation that may lead to any of several models: whatever the one at hand shows.
    tree.all = true
    return
  }
  if (rest.length > 0 || definition.relationNames.includes(name)) {
    if (!definition.relationNames.includes(name)) throw unknown(definition, path, name, definition.relationNames)
    let child = tree.relations.get(name)
    if (child === undefined) tree.relations.set(name, (child = emptyTree()))
    reach(child, rest.length === 0)
    allow(definition.relation(name).target, child, rest, path, reach)
    return
  }
  const names = visibleNames(definition)
  if (name === '*') for (const one of names) tree.fields.add(one)
  else if (names.includes(name)) tree.fields.add(name)
  else throw unknown(definition, path, name, names)
}

/** Relations that were declared as such, and of which no field was named, give all of them. */
function fillWhole(definition: ModelDefinition | undefined, tree: FieldTree, whole: ReadonlySet<FieldTree>): void {
  if (tree.fields.size === 0 && whole.has(tree)) {
    tree.whole = true
    if (definition === undefined) tree.all = true
    else for (const name of visibleNames(definition)) tree.fields.add(name)
  }
  for (const [name, child] of tree.relations) fillWhole(definition?.relation(name).target, child, whole)
}

function unknown(definition: ModelDefinition, path: string, name: string, known: readonly string[]): Error {
  const suggestion = suggest(name, known)
  const hint = suggestion === undefined ? '' : `; is ${suggestion} meant?`
  return fail('LIST_QUERY_INVALID', { model: definition.name, problem: `${path}: ${definition.name} shows nothing called ${name}${hint}` })
}

function textOf(value: unknown, parameter: string): string | undefined {
  if (value === undefined || value === '') return undefined
  const texts = Array.isArray(value) ? (value as unknown[]) : [value]
  if (texts.every((text) => typeof text === 'string')) return texts.join(',')
  throw fail('FILTER_MALFORMED', { parameter, expected: 'text' }, at(parameter, 'invalid_format', 'expected text'))
}

function addExpansion(part: FieldTree, allowed: FieldTree, path: readonly string[], expand: readonly string[], strict: boolean): void {
  const name = path.join('.')
  if (!expand.some((one) => one === name || one.startsWith(`${name}.`))) {
    if (!strict) return
    throw fail('FIELDS_UNKNOWN', { name, allowed: expand, suggestion: suggest(name, expand) }, at('expand', 'unknown_field', `${name} cannot be expanded`))
  }
  let [tree, from] = [part, allowed]
  for (const relation of path) {
    from = from.relations.get(relation) as FieldTree
    let child = tree.relations.get(relation)
    if (child === undefined) tree.relations.set(relation, (child = ownPart(from)))
    tree = child
  }
}

/** Makes a query read and show what was asked, and load the relations asked for, each in one query. */
export function applySelection(query: ModelQuery, part: FieldTree, maxItems: number): void {
  const { definition } = query
  if (!part.all) {
    query.shown = part.fields
    const columns = [...part.fields].filter((name) => definition.has(name))
    // A getter reads columns of its own choice.
    const getters = columns.length < part.fields.size
    if (!getters && (columns.length > 0 || definition.hasKey)) query.select(...columns)
  }
  for (const [name, child] of part.relations) {
    const { many } = definition.relation(name)
    query.with({
      [name]: (related) => {
        applySelection(related, child, maxItems)
        if (!many) return
        if (related.definition.hasKey && related.state.orders.length === 0) related.orderBy(related.definition.key.name)
        related.limit(maxItems)
      },
    })
  }
}
