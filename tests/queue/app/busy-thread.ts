import type { ThreadJob } from '@glueful/queue'

/** Keeps a core busy for so many ms, or ends badly when told to. */
export default function busy({ payload }: ThreadJob<{ readonly ms: number; readonly end?: 'throw' | 'exit' }>): { readonly turns: number } {
  if (payload.end === 'throw') throw new RangeError('told to')
  if (payload.end === 'exit') process.exit(3)
  const until = performance.now() + payload.ms
  let turns = 0
  while (performance.now() < until) turns++
  return { turns }
}
