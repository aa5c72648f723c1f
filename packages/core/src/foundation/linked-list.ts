/** What an object must have to stand in a `LinkedList`; in one at a time. */
export interface Linked<Self> {
  before: Self | undefined
  after: Self | undefined
  isLinked: boolean
}

/**
 * A list through the objects themselves: for what joins and leaves with every request. It allocates nothing, and unlike a
 * Set keeps nothing alive in the tables that it outgrew.
 */
export class LinkedList<Item extends Linked<Item>> {
  size = 0
  private first: Item | undefined = undefined

  add(item: Item): void {
    const { first } = this
    item.after = first
    if (first !== undefined) first.before = item
    this.first = item
    item.isLinked = true
    this.size++
  }

  /** Leaving twice is leaving once. */
  delete(item: Item): void {
    if (!item.isLinked) return
    const { before, after } = item
    if (before === undefined) this.first = after
    else before.after = after
    if (after !== undefined) after.before = before
    item.before = undefined
    item.after = undefined
    item.isLinked = false
    this.size--
  }

  /** The items of this moment, whatever becomes of them while they are looked at. */
  list(): Item[] {
    const all: Item[] = []
    for (let one = this.first; one !== undefined; one = one.after) all.push(one)
    return all
  }
}
