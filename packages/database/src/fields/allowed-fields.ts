import { suggest } from 'glueful'
import { fail } from '../errors.ts'
import { at } from './parameter-fault.ts'
import { emptyTree, type FieldTree } from './parse-fields.ts'

/** The allow-list as a tree: `['id', 'make', 'dealer.name']` → id, make, dealer(name). `dealer.*` allows all of a relation's own. */
export function allowedTree(names: readonly string[]): FieldTree {
  const root = emptyTree()
  for (const name of names) {
    const path = name.split('.')
    const last = path.pop() as string
    let tree = root
    for (const relation of path) {
      let child = tree.relations.get(relation)
      if (child === undefined) tree.relations.set(relation, (child = emptyTree()))
      tree = child
    }
    if (last === '*') tree.all = true
    else tree.fields.add(last)
  }
  return root
}

/**
 * What was asked, as far as it is allowed, with `*` replaced by the names it stands for. A strict check refuses what is not
 * allowed and names what is; a lenient one leaves it out. A relation asked for by its bare name means all of it.
 *
 * @throws `FIELDS_UNKNOWN` (400)
 */
export function allowedPart(asked: FieldTree, allowed: FieldTree, strict: boolean, parameter: string, trail: readonly string[] = []): FieldTree {
  const part = emptyTree()
  const own = [...allowed.fields, ...allowed.relations.keys()]
  const refuse = (name: string) => {
    if (!strict) return
    const prefix = trail.map((relation) => `${relation}.`).join('')
    const suggestion = suggest(name, own)
    throw fail(
      'FIELDS_UNKNOWN',
      { name: prefix + name, allowed: own.map((field) => prefix + field), suggestion: suggestion === undefined ? undefined : prefix + suggestion },
      at(parameter, 'unknown_field', `${prefix}${name} cannot be asked for`),
    )
  }
  if (asked.all) {
    part.all = allowed.all || allowed.whole === true
    for (const field of allowed.fields) part.fields.add(field)
  }
  for (const field of asked.fields) {
    const relation = allowed.relations.get(field)
    if (relation !== undefined) part.relations.set(field, ownPart(relation))
    else if (allowed.fields.has(field) || allowed.all) part.fields.add(field)
    else refuse(field)
  }
  for (const [name, tree] of asked.relations) {
    const relation = allowed.relations.get(name)
    if (relation === undefined) refuse(name)
    else if (!part.relations.has(name)) part.relations.set(name, allowedPart(tree, relation, strict, parameter, [...trail, name]))
  }
  return part
}

/** All fields of a level, without its relations. */
export function ownPart(tree: FieldTree): FieldTree {
  return { all: tree.all || tree.whole === true, fields: new Set(tree.fields), relations: new Map() }
}
