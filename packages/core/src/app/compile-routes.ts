import { fail } from '../foundation/errors/catalog.ts'
import { suggest } from '../foundation/errors/suggest.ts'
import type { Context } from '../http/context/context.ts'
import type { FlatRoute } from '../http/context/flatten-routes.ts'
import type { RouteOption } from '../http/context/route-option.ts'
import type { RouteOptions } from '../http/context/route-options.ts'
import type { CompiledRoute } from '../http/context/route.ts'
import type { Runtime } from '../http/context/runtime.ts'
import type { Stage } from '../http/context/stage.ts'
import type { Endpoint } from '../http/kernel.ts'
import { compilePipeline, type Pipeline, type PipelineParts } from '../http/pipeline/compile-pipeline.ts'

/** Members of a route's options that describe it and need no stage. */
const descriptive = new Set(['summary', 'description', 'tags', 'hidden', 'params', 'query', 'headers', 'cookies', 'body', 'response'])

export interface RouteCompilerParts {
  readonly options: readonly RouteOption[]
  readonly defaults: RouteOptions
  readonly runtime: Runtime
  readonly pipeline: PipelineParts
  /** Every route that is going to be compiled. */
  readonly routes: readonly FlatRoute[]
}

export interface RouteCompiler {
  compile(route: FlatRoute): Endpoint
  /** The edge stages of a route without options, around any answer. */
  readonly edge: (handler: (ctx: Context) => unknown) => Pipeline
}

/**
 * Makes the function that turns a described route into one that serves: every option compiles its stages.
 * @throws `UNKNOWN_ROUTE_OPTION` for an option that nothing reads.
 */
export function createRouteCompiler({ options, defaults, runtime, pipeline, routes }: RouteCompilerParts): RouteCompiler {
  const known = new Set<string>([...descriptive, ...options.map((option) => option.name)])

  function stagesOf(route: CompiledRoute): Stage[] {
    const stages: Stage[] = []
    for (const option of options) {
      const made = option.compile(route.options[option.name] as never, route, runtime, routes)
      if (Array.isArray(made)) stages.push(...(made as readonly Stage[]))
      else if (made !== undefined) stages.push(made as Stage)
    }
    return stages
  }

  function refuseUnknown(route: FlatRoute): void {
    for (const option of Object.keys(route.options)) {
      if (known.has(option)) continue
      throw fail('UNKNOWN_ROUTE_OPTION', { route: route.name, option, suggestion: suggest(option, known), known: [...known].sort() })
    }
  }

  function compile(flat: FlatRoute): Endpoint {
    refuseUnknown(flat)
    const stages: { phase: string; name: string }[] = []
    const route: CompiledRoute = { ...flat, stages }
    const found = stagesOf(route)
    const compiled = compilePipeline(found, flat.handler as (ctx: Context) => unknown, pipeline)
    stages.push(...compiled.stages.map(({ phase, name }) => ({ phase, name })))
    return { route, pipeline: compiled, edge: edgeOf(found) }
  }

  const edgeOf = (stages: readonly Stage[]) => {
    const edge = stages.filter((stage) => stage.phase === 'edge')
    return (handler: (ctx: Context) => unknown) => compilePipeline(edge, handler, pipeline)
  }

  const nowhere: CompiledRoute = { name: '(no route)', method: 'GET', path: '', options: defaults, handler: () => undefined, stages: [] }
  return { compile, edge: edgeOf(stagesOf(nowhere)) }
}
