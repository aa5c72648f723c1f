/** A link in the list of requests that are being answered. */
export interface ActiveRequest<Self> {
  before: Self | undefined
  after: Self | undefined
  isActive: boolean
}

/** The requests that are being answered: a list through the requests themselves, so that joining and leaving cost nothing. */
export class ActiveRequests<Request extends ActiveRequest<Request>> {
  size = 0
  private first: Request | undefined = undefined

  add(request: Request): void {
    const { first } = this
    request.after = first
    if (first !== undefined) first.before = request
    this.first = request
    request.isActive = true
    this.size++
  }

  /** Leaving twice is leaving once. */
  delete(request: Request): void {
    if (!request.isActive) return
    const { before, after } = request
    if (before === undefined) this.first = after
    else before.after = after
    if (after !== undefined) after.before = before
    request.before = undefined
    request.after = undefined
    request.isActive = false
    this.size--
  }

  /** The requests of this moment, whatever becomes of them while they are looked at. */
  list(): Request[] {
    const all: Request[] = []
    for (let one = this.first; one !== undefined; one = one.after) all.push(one)
    return all
  }
}
