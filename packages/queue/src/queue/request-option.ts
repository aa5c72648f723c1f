import { defineRouteOption } from 'glueful'
import { withDispatcher } from '../job/dispatcher.ts'
import { Queue } from './queue.ts'

declare module 'glueful' {
  interface RouteOptions {
    /**
     * Whether jobs that handlers of the route dispatch go to the application's queue whatever others run in the process,
     * and carry the id of the request. Turn it off for a route that dispatches none and counts every microsecond.
     * Default: true.
     */
    readonly queue?: boolean
  }
}

/** Gives what a request dispatches its application's queue and its own id. */
export const requestOption = defineRouteOption({
  name: 'queue',
  compile: (value, _route, runtime) => {
    if (value === false) return undefined
    let queue: Queue | undefined
    return {
      name: 'queue',
      phase: 'admit',
      around: ({ requestId }, next) => withDispatcher((queue ??= runtime.use(Queue)), requestId === '' ? undefined : requestId, next),
    }
  },
})
