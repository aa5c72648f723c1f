const most = 500

/** Whether statements get names; the same for all connections to a server. */
export interface Naming {
  enabled: boolean
}

/**
 * Which statements of a connection are prepared under a name. A text gets one when it is used for the second time on the
 * connection; the name that was not used for longest is given up.
 */
export class StatementNames {
  private readonly naming: Naming
  private readonly names = new Map<string, string>()
  private readonly once = new Set<string>()
  private readonly deallocate: (name: string) => void
  private count = 0

  constructor(naming: Naming, deallocate: (name: string) => void) {
    this.naming = naming
    this.deallocate = deallocate
  }

  nameFor(text: string): string | undefined {
    if (!this.naming.enabled) return undefined
    let name = this.names.get(text)
    if (name !== undefined) {
      // The map keeps the order of insertion, so that the first entry is the oldest.
      this.names.delete(text)
      this.names.set(text, name)
      return name
    }
    if (!this.once.delete(text)) {
      if (this.once.size >= most) this.once.clear()
      this.once.add(text)
      return undefined
    }
    if (this.names.size >= most) this.forget(this.names.keys().next().value as string)
    name = `g${++this.count}`
    this.names.set(text, name)
    return name
  }

  /** A pooler gives each transaction another server, so that names lead nowhere. */
  disable(): void {
    this.naming.enabled = false
  }

  forget(text: string): void {
    const name = this.names.get(text)
    if (name === undefined) return
    this.names.delete(text)
    this.deallocate(name)
  }
}
