import { fail } from '../errors.ts'
import { at as inParameter } from './parameter-fault.ts'

/** What is asked of a record: some of its fields, or all that may be had, and of its relations likewise. */
export interface FieldTree {
  /** `*` stands among the fields. */
  all: boolean
  /** Of what is allowed: nothing was named, so that all of it is whatever the record shows. */
  whole?: boolean
  readonly fields: Set<string>
  readonly relations: Map<string, FieldTree>
}

export interface FieldLimits {
  /** Relations within relations. Default 4. */
  readonly maxDepth: number
  /** Names in all. Default 100. */
  readonly maxFields: number
}

export const defaultFieldLimits: FieldLimits = { maxDepth: 4, maxFields: 100 }

/** Longer texts are refused before they are read. */
const mostCharacters = 4_000

const namePattern = /[A-Za-z_]\w*/y

export function emptyTree(): FieldTree {
  return { all: false, fields: new Set(), relations: new Map() }
}

/**
 * Reads `id,make,dealer(name,staff(id))`; `dealer.name` means `dealer(name)`, and `*` everything that may be had.
 *
 * @throws `FIELDS_MALFORMED`, `FIELDS_TOO_DEEP`, `FIELDS_TOO_MANY` (400)
 */
export function parseFields(text: string, limits: FieldLimits = defaultFieldLimits): FieldTree {
  if (text.length > mostCharacters) throw tooMany('fields', 'characters', mostCharacters)
  const root = emptyTree()
  let at = 0
  let count = 0

  function malformed(expected: string): Error {
    const found = at < text.length ? JSON.stringify(text[at]) : 'the end'
    return malformedAt('fields', at + 1, found, expected)
  }

  function name(): string {
    namePattern.lastIndex = at
    const found = namePattern.exec(text)?.[0]
    if (found === undefined) throw malformed('the name of a field')
    at += found.length
    return found
  }

  function item(tree: FieldTree, depth: number): void {
    if (++count > limits.maxFields) throw tooMany('fields', 'fields', limits.maxFields)
    if (text[at] === '*') {
      at++
      tree.all = true
      return
    }
    const first = name()
    if (text[at] === '.') {
      at++
      item(relationOf(tree, first, depth), depth + 1)
    } else if (text[at] === '(') {
      at++
      list(relationOf(tree, first, depth), depth + 1)
      if (text[at] !== ')') throw malformed('a comma or a closing parenthesis')
      at++
    } else tree.fields.add(first)
  }

  function list(tree: FieldTree, depth: number): void {
    item(tree, depth)
    while (text[at] === ',') {
      at++
      item(tree, depth)
    }
  }

  function relationOf(tree: FieldTree, relation: string, depth: number): FieldTree {
    if (depth >= limits.maxDepth) throw tooDeep('fields', limits.maxDepth)
    let child = tree.relations.get(relation)
    if (child === undefined) tree.relations.set(relation, (child = emptyTree()))
    return child
  }

  list(root, 0)
  if (at < text.length) throw malformed('a comma or the end')
  return root
}

/**
 * Reads `dealer.staff,photos`: relations to be answered along.
 *
 * @throws `FIELDS_MALFORMED`, `FIELDS_TOO_DEEP`, `FIELDS_TOO_MANY` (400)
 */
export function parseExpand(text: string, limits: FieldLimits = defaultFieldLimits): readonly (readonly string[])[] {
  if (text.length > mostCharacters) throw tooMany('expand', 'characters', mostCharacters)
  const paths = text.split(',')
  if (paths.length > limits.maxFields) throw tooMany('expand', 'relations', limits.maxFields)
  let position = 1
  return paths.map((path) => {
    const names = path.split('.')
    if (names.some((name) => !/^[A-Za-z_]\w*$/.test(name)))
      throw malformedAt('expand', position, JSON.stringify(path.slice(0, 50)), 'names of relations between dots')
    if (names.length > limits.maxDepth) throw tooDeep('expand', limits.maxDepth)
    position += path.length + 1
    return names
  })
}

function tooMany(parameter: string, what: string, most: number): Error {
  return fail('FIELDS_TOO_MANY', { parameter, what, most }, inParameter(parameter, 'too_big', `more than ${most} ${what}`))
}

function tooDeep(parameter: string, most: number): Error {
  return fail('FIELDS_TOO_DEEP', { parameter, most }, inParameter(parameter, 'too_big', `deeper than ${most} relations`))
}

function malformedAt(parameter: string, position: number, found: string, expected: string): Error {
  const message = `expected ${expected} at position ${position}, found ${found}`
  return fail('FIELDS_MALFORMED', { parameter, position, found, expected }, inParameter(parameter, 'invalid_format', message))
}
