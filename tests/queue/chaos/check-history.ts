/** What is known after a run in which processes were killed and stopped. */
export interface History {
  /** Jobs whose dispatch was committed. */
  readonly dispatched: readonly string[]
  /** Jobs whose dispatch was rolled back, or never committed. */
  readonly undone?: readonly string[]
  /** One entry for each effect, in the order of their commits. */
  readonly effects: readonly string[]
  /** Jobs that are still stored. */
  readonly remaining: readonly { readonly id: string; readonly state: string }[]
  readonly dead: readonly string[]
  /** Workers of which the queue still believes that they live. */
  readonly workers: readonly string[]
  /** Whether a job may end in the dead letters. */
  readonly mayDie?: boolean
}

/** Everything that is wrong with a history; none when the queue has kept its word. */
export function checkHistory({ dispatched, undone = [], effects, remaining, dead, workers, mayDie = false }: History): string[] {
  const wrong: string[] = []
  const known = new Set(dispatched)
  if (known.size < dispatched.length) wrong.push('two dispatches got the same id')
  const counts = new Map<string, number>()
  for (const id of effects) counts.set(id, (counts.get(id) ?? 0) + 1)
  const left = new Map(remaining.map(({ id, state }) => [id, state]))
  const letters = new Set(dead)
  if (letters.size < dead.length) wrong.push('a job is in the dead letters twice')
  for (const id of known) {
    const count = counts.get(id) ?? 0
    const state = left.get(id)
    const isDead = letters.has(id)
    if (count > 1) wrong.push(`${id} had its effect ${count} times`)
    if (count === 0 && state === undefined && !isDead) wrong.push(`${id} is lost: no effect, not stored, no dead letter`)
    if (count === 1 && state !== undefined) wrong.push(`${id} had its effect and is still stored as ${state}`)
    if (count === 1 && isDead) wrong.push(`${id} had its effect and lies with the dead letters`)
    if (count === 0 && state !== undefined && !isDead) wrong.push(`${id} is stuck as ${state}`)
    if (isDead && !mayDie) wrong.push(`${id} ended in the dead letters`)
    if (isDead && state !== undefined) wrong.push(`${id} lies with the dead letters and is stored as ${state}`)
  }
  for (const id of undone) {
    if (counts.has(id)) wrong.push(`${id} is a ghost: its dispatch was undone, and it had an effect`)
    if (left.has(id) || letters.has(id)) wrong.push(`${id} is a ghost: its dispatch was undone, and it is stored`)
  }
  const undoneIds = new Set(undone)
  for (const id of [...counts.keys(), ...left.keys(), ...letters]) {
    if (!known.has(id) && !undoneIds.has(id)) wrong.push(`${id} was never dispatched`)
  }
  for (const worker of workers) wrong.push(`${worker} has ended, and the queue believes that it lives`)
  return wrong
}
