import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { Awaitable, Stage } from '../../http/context/stage.ts'

/** Code of other frameworks' making, run around the later stages of a route; made by `web(…)` and `connect(…)`. */
export interface Middleware {
  readonly kind: 'middleware'
  readonly name: string
  readonly around: (ctx: Context, next: () => Awaitable<Reply>) => Awaitable<Reply>
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Web-standard or Connect middleware, outermost first, run after the edge stages and before everything else.
     * Prefer route options: foreign middleware builds objects that the compiled pipeline does without.
     */
    readonly use?: readonly Middleware[]
  }
}

export const middlewareOption = defineRouteOption({
  name: 'use',
  compile: (value) => value?.map(({ name, around }): Stage => ({ name, phase: 'admit', around })),
})
