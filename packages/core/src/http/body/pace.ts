import { LinkedList, type Linked } from '../../foundation/linked-list.ts'

const interval = 250

/**
 * Looks at something again and again, from `watch` to `leave`. One timer serves all: bodies mostly come whole, and a timer
 * of its own for each would cost more than reading it.
 */
export class Pace implements Linked<Pace> {
  before: Pace | undefined = undefined
  after: Pace | undefined = undefined
  isLinked = false
  private looks = 0
  private readonly look: (waited: number) => void

  /** `look` is called every quarter of a second; `waited` is for how long that has been so, in ms, rounded down. */
  constructor(look: (waited: number) => void) {
    this.look = look
  }

  watch(): void {
    watched.add(this)
    timer ??= setInterval(lookAtAll, interval).unref()
  }

  leave(): void {
    watched.delete(this)
  }

  lookNow(): void {
    this.look(this.looks++ * interval)
  }
}

const watched = new LinkedList<Pace>()
let timer: NodeJS.Timeout | undefined

function lookAtAll(): void {
  if (watched.size === 0) {
    clearInterval(timer)
    timer = undefined
    return
  }
  for (const one of watched.list()) if (one.isLinked) one.lookNow()
}
