import { currentSurroundings, type LazyLoad } from '../model/surroundings.ts'

const reported = new WeakMap<(load: LazyLoad) => void, Set<string>>()
const mostReported = 1_000

/** Remembers a place in the program; nothing where nobody wants to know. */
export function markPlace(): Error | undefined {
  return currentSurroundings().onLazyLoad === undefined ? undefined : new RangeError('here')
}

/** Tells whom the application named of a relation that was loaded late, with the place that touched it. */
export function reportLazyLoad(load: Omit<LazyLoad, 'at'>, place: Error): void {
  const { onLazyLoad } = currentSurroundings()
  if (onLazyLoad === undefined) return
  const at = callerOf(place.stack ?? '')
  const key = `${load.model}.${load.relation} ${at}`
  let known = reported.get(onLazyLoad)
  if (known === undefined) reported.set(onLazyLoad, (known = new Set()))
  if (known.has(key) || known.size >= mostReported) return
  known.add(key)
  onLazyLoad({ ...load, at })
}

const ownFolder = new URL('..', import.meta.url).pathname

/** The first place of a stack that is neither ours nor Node's. */
function callerOf(stack: string): string {
  const line = stack
    .split('\n')
    .slice(1)
    .find((entry) => !entry.includes(ownFolder) && !entry.includes('node:') && !entry.includes('node_modules') && /:\d+:\d+/.test(entry))
  return /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?\s*$/.exec(line ?? '')?.[1]?.replace('file://', '') ?? 'an unknown place'
}
