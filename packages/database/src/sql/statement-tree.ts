/** Nodes of a tree before it is grown anew: about a thousand statements. */
const mostNodes = 10_000

/**
 * A place in a tree of statements: each piece of a query's shape is a step, and the statement is where the last one leads.
 * Walking costs less than making a key of the pieces, because the step that was taken last is tried first.
 */
export class StatementNode {
  readonly #tree: StatementTree
  #lastPiece = ''
  #last: StatementNode | undefined
  #others: Map<string, StatementNode> | undefined
  /** The statement of the shape that ends here, once it has been made. */
  statement: unknown

  constructor(tree: StatementTree) {
    this.#tree = tree
  }

  step(piece: string): StatementNode {
    if (piece === this.#lastPiece && this.#last !== undefined) return this.#last
    return this.#stepAside(piece)
  }

  #stepAside(piece: string): StatementNode {
    let next = this.#others?.get(piece)
    if (next === undefined) {
      next = new StatementNode(this.#tree)
      this.#tree.size++
      if (this.#last !== undefined) (this.#others ??= new Map([[this.#lastPiece, this.#last]])).set(piece, next)
    }
    this.#lastPiece = piece
    this.#last = next
    return next
  }
}

/** The statements of a model by the shape of their queries. */
export class StatementTree {
  size = 0
  #root = new StatementNode(this)

  /** Where a query starts. */
  get root(): StatementNode {
    if (this.size > mostNodes) {
      // Whoever asks for ever other shapes pays for making them anew, and nobody with memory.
      this.size = 0
      this.#root = new StatementNode(this)
    }
    return this.#root
  }
}
