import type { Constraint } from './parse-pattern.ts'
import { needsReading } from './read-path.ts'
import type { Leaf, Leaves, Node } from './tree.ts'

interface ParamStep<T> {
  readonly constraint: Constraint | undefined
  readonly step: Step<T>
}

/** A stretch of text that paths have in common, and what may follow it. */
class Step<T> {
  text: string
  /** Of a path that ends after the text. */
  leaves: Leaves<T> | undefined = undefined
  /** Of a segment that begins after the text. */
  params: readonly ParamStep<T>[] = noParamSteps
  wildcard: Leaves<T> | undefined = undefined
  /** Whether one has to come back here when the text that follows leads nowhere. */
  branches = false
  /** Steps that may follow, and the character that each begins with. */
  private readonly codes: number[] = []
  private readonly steps: Step<T>[] = []
  private byCode: Map<number, Step<T>> | undefined = undefined

  constructor(text: string) {
    this.text = text
  }

  next(code: number): Step<T> | undefined {
    if (this.byCode !== undefined) return this.byCode.get(code)
    const { codes } = this
    for (let i = 0; i < codes.length; i++) if (codes[i] === code) return this.steps[i]
    return undefined
  }

  /** The step at which `text` ends from here; made, and others split for it, where there is none. */
  insert(text: string): Step<T> {
    if (text === '') return this
    const there = this.next(text.charCodeAt(0))
    if (there === undefined) {
      const step = new Step<T>(text)
      this.put(step)
      return step
    }
    let common = 1
    while (common < there.text.length && there.text[common] === text[common]) common++
    if (common === there.text.length) return there.insert(text.slice(common))
    const shorter = new Step<T>(text.slice(0, common))
    there.text = there.text.slice(common)
    shorter.put(there)
    this.put(shorter)
    return shorter.insert(text.slice(common))
  }

  private put(step: Step<T>): void {
    const code = step.text.charCodeAt(0)
    const at = this.codes.indexOf(code)
    this.steps[at === -1 ? this.codes.push(code) - 1 : at] = step
    if (this.byCode !== undefined) this.byCode.set(code, step)
    else if (this.codes.length > mostCompared) this.byCode = new Map(this.codes.map((one, index) => [one, this.steps[index] as Step<T>]))
  }
}

const noParamSteps: readonly never[] = []

/** Up to so many steps are told apart by comparing; beyond, a Map is faster. */
const mostCompared = 6

export type Trie<T> = Step<T>

/** What a walk leaves behind. One is enough for a router: walks are synchronous and never nested. */
export interface Walk {
  /** Parameters of the leaf that was found, in order; what follows them is of no meaning. */
  readonly values: string[]
  /** Whether the path is one that another method answers, or one that must be read before that can be said. */
  sawLeaves: boolean
}

export function createWalk(): Walk {
  return { values: [], sawLeaves: false }
}

/** Compiles a tree of segments into one of characters, in which a path is found without being taken apart. */
export function compileTrie<T>(root: Node<T>): Trie<T> {
  const start = new Step<T>('')
  start.leaves = root.leaves
  const slash = start.insert('/')
  slash.leaves = root.leaves
  addSegments(slash, root)
  return start
}

/** Adds what may stand in the segment that begins at a step. */
function addSegments<T>(start: Step<T>, node: Node<T>): void {
  for (const [text, child] of node.statics) addEnd(start.insert(text), child)
  start.params = node.params.map(({ constraint, node: child }) => {
    const step = new Step<T>('')
    addEnd(step, child)
    return { constraint, step }
  })
  start.wildcard = node.wildcard
  start.branches = start.params.length > 0 || start.wildcard !== undefined
}

function addEnd<T>(end: Step<T>, node: Node<T>): void {
  end.leaves = node.leaves
  if (node.statics.size > 0 || node.params.length > 0 || node.wildcard !== undefined) addSegments(end.insert('/'), node)
}

/**
 * The leaf that answers a path as it came, where nothing in it has to be decoded or refused. Static text goes before
 * constrained parameters, these before free ones and the wildcard last, segment by segment, with back-tracking.
 */
export function matchTrie<T>(trie: Trie<T>, path: string, method: string, walk: Walk): Leaf<T> | undefined {
  walk.sawLeaves = false
  return match(trie, path, 0, method, walk, 0)
}

function match<T>(from: Step<T>, path: string, start: number, method: string, walk: Walk, depth: number): Leaf<T> | undefined {
  let step = from
  let at = start
  while (!step.branches) {
    if (at === path.length) return leafOf(step.leaves, method, walk)
    const next = step.next(path.charCodeAt(at))
    if (next === undefined || !continues(path, at, next.text)) return undefined
    at += next.text.length
    step = next
  }
  if (at === path.length) return leafOf(step.leaves, method, walk)
  const next = step.next(path.charCodeAt(at))
  if (next !== undefined && continues(path, at, next.text)) {
    const found = match(next, path, at + next.text.length, method, walk, depth)
    if (found !== undefined) return found
  }
  return matchSegment(step, path, at, method, walk, depth)
}

function matchSegment<T>(step: Step<T>, path: string, at: number, method: string, walk: Walk, depth: number): Leaf<T> | undefined {
  const { params, wildcard } = step
  if (params.length > 0) {
    const end = endOfSegment(path, at)
    if (end === unread) {
      walk.sawLeaves = true
      return undefined
    }
    if (end === at) return undefined
    const value = path.slice(at, end)
    for (let i = 0; i < params.length; i++) {
      const param = params[i] as ParamStep<T>
      if (param.constraint !== undefined && !param.constraint.test(value)) continue
      walk.values[depth] = value
      const found = match(param.step, path, end, method, walk, depth + 1)
      if (found !== undefined) return found
    }
  }
  if (wildcard === undefined) return undefined
  const rest = path.slice(at)
  if (rest.charCodeAt(0) === 0x2f) return undefined
  if (needsReading.test(rest)) {
    walk.sawLeaves = true
    return undefined
  }
  walk.values[depth] = rest
  return leafOf(wildcard, method, walk)
}

/** As `path.startsWith(text, at)`, which costs more than it compares; the first character is known to be the same. */
function continues(path: string, at: number, text: string): boolean {
  const { length } = text
  if (at + length > path.length) return false
  for (let i = 1; i < length; i++) if (path.charCodeAt(at + i) !== text.charCodeAt(i)) return false
  return true
}

function leafOf<T>(leaves: Leaves<T> | undefined, method: string, walk: Walk): Leaf<T> | undefined {
  if (leaves === undefined) return undefined
  const leaf = leaves.get(method)
  if (leaf === undefined) walk.sawLeaves = true
  return leaf
}

const unread = -1

/** Where a segment ends; `unread` for one that must be decoded, or refused as a dot segment or for its characters. */
function endOfSegment(path: string, start: number): number {
  let end = start
  for (; end < path.length; end++) {
    const code = path.charCodeAt(end)
    if (code === 0x2f) break
    if (code === 0x25 || code === 0x5c || code < 0x20 || (code > 0x7e && code < 0xa0)) return unread
  }
  const isDots = path.charCodeAt(start) === 0x2e && (end === start + 1 || (end === start + 2 && path.charCodeAt(start + 1) === 0x2e))
  return isDots ? unread : end
}
