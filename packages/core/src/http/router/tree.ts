import type { MakeParams } from './make-params.ts'
import type { Constraint, Segment } from './parse-pattern.ts'

/** What a leaf of the tree answers: the pattern's values by method. */
export interface Leaf<T> {
  readonly path: string
  readonly names: readonly string[]
  readonly makeParams: MakeParams
  readonly value: T
}

export type Leaves<T> = Map<string, Leaf<T>>

export interface ParamEdge<T> {
  readonly constraint: Constraint | undefined
  readonly node: Node<T>
}

/** One segment deep: static children, then constrained parameters, a free parameter, and the wildcard last. */
export interface Node<T> {
  readonly statics: Map<string, Node<T>>
  readonly params: ParamEdge<T>[]
  leaves: Leaves<T> | undefined
  wildcard: Leaves<T> | undefined
}

export function createNode<T>(): Node<T> {
  return { statics: new Map(), params: [], leaves: undefined, wildcard: undefined }
}

/** Puts a pattern's leaf where its requests will look; returns the leaf that is there already. */
export function insert<T>(root: Node<T>, segments: readonly Segment[], method: string, leaf: Leaf<T>): Leaf<T> | undefined {
  let node = root
  for (const segment of segments) {
    if (segment.kind === 'wildcard') return put((node.wildcard ??= new Map()), method, leaf)
    node = segment.kind === 'static' ? staticChild(node, segment.text) : paramChild(node, segment.constraint)
  }
  return put((node.leaves ??= new Map()), method, leaf)
}

function put<T>(leaves: Leaves<T>, method: string, leaf: Leaf<T>): Leaf<T> | undefined {
  const there = leaves.get(method)
  if (there === undefined) leaves.set(method, leaf)
  return there
}

function staticChild<T>(node: Node<T>, text: string): Node<T> {
  let child = node.statics.get(text)
  if (child === undefined) node.statics.set(text, (child = createNode()))
  return child
}

function paramChild<T>(node: Node<T>, constraint: Constraint | undefined): Node<T> {
  const there = node.params.find((edge) => edge.constraint?.source === constraint?.source)
  if (there !== undefined) return there.node
  const edge = { constraint, node: createNode<T>() }
  // Constrained parameters are tried before the free one.
  if (constraint === undefined) node.params.push(edge)
  else node.params.splice(node.params.findIndex((other) => other.constraint === undefined) >>> 0, 0, edge)
  return edge.node
}

/**
 * The leaves that answer `segments`, most specific first; `values` holds the parameters of the last one offered.
 * `accept` may refuse (another method, say), and the search goes on.
 */
export function search<T, R>(
  node: Node<T>,
  segments: readonly string[],
  at: number,
  values: string[],
  accept: (leaves: Leaves<T>) => R | undefined,
): R | undefined {
  if (at === segments.length) return node.leaves === undefined ? undefined : accept(node.leaves)
  const segment = segments[at] as string
  const child = node.statics.get(segment)
  if (child !== undefined) {
    const found = search(child, segments, at + 1, values, accept)
    if (found !== undefined) return found
  }
  if (segment !== '') {
    for (const edge of node.params) {
      if (edge.constraint !== undefined && !edge.constraint.test(segment)) continue
      values.push(segment)
      const found = search(edge.node, segments, at + 1, values, accept)
      if (found !== undefined) return found
      values.pop()
    }
  }
  if (node.wildcard === undefined || segment === '') return undefined
  values.push(segments.slice(at).join('/'))
  const found = accept(node.wildcard)
  if (found === undefined) values.pop()
  return found
}
