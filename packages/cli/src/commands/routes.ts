import type { RouteAccess } from 'glueful'
import { appOption, jsonOption, type BuiltInCommand } from '../command-definition.ts'
import { loadConfiguredApp } from '../load-app.ts'
import { renderTable } from '../render-table.ts'

const describing = new Set(['summary', 'description', 'tags', 'hidden', 'params', 'query', 'headers', 'cookies', 'body', 'response', 'auth', 'can', 'scopes'])

export const command: BuiltInCommand = {
  args: {
    ...appOption,
    ...jsonOption,
    explain: { type: 'boolean', description: 'Show the stages of each pipeline in order' },
    path: { type: 'string', description: 'Only paths that contain this', valueHint: 'TEXT' },
    method: { type: 'string', description: 'Only this method', valueHint: 'METHOD' },
    name: { type: 'string', description: 'Only names that contain this', valueHint: 'TEXT' },
  },
  run: async (args) => {
    // Here, so that --help does without.
    const { accessOf } = await import('glueful')
    const app = await loadConfiguredApp(args['app'] as string | undefined)
    const routes = app
      .routes()
      .filter((route) => args['path'] === undefined || route.path.includes(args['path'] as string))
      .filter((route) => args['method'] === undefined || route.method === (args['method'] as string).toUpperCase())
      .filter((route) => args['name'] === undefined || route.name.includes(args['name'] as string))
      .map((route) => ({
        method: route.method,
        path: route.path,
        name: route.name,
        validates: ['params', 'query', 'headers', 'cookies', 'body', 'response'].filter(
          (key) => route.options[key as keyof typeof route.options] !== undefined,
        ),
        access: accessOf(route.options) ?? null,
        options: Object.keys(route.options).filter((key) => !describing.has(key)),
        stages: route.stages.map(({ phase, name }) => ({ phase, name })),
      }))
    if (args['json'] === true) {
      process.stdout.write(`${JSON.stringify(routes, undefined, 2)}\n`)
      return 0
    }
    const explain = args['explain'] === true
    const header = ['METHOD', 'PATH', 'NAME', ...(explain ? ['STAGES'] : ['ACCESS', 'VALIDATES', 'OPTIONS'])]
    const rows = routes.map((route) =>
      explain
        ? [route.method, route.path, route.name, route.stages.map(({ phase, name }) => `${phase}:${name}`).join(' → ')]
        : [route.method, route.path, route.name, describeAccess(route.access), route.validates.join(' '), route.options.join(' ')],
    )
    process.stdout.write(`${renderTable(header, rows)}\n\n${rows.length} routes\n`)
    return 0
  },
}

/** `public`, or who may ask: `jwt|session can orders.refund`. */
function describeAccess(access: RouteAccess | null): string {
  if (access === null) return 'public'
  const { strategies, optional, permissions, scopes } = access
  const who = strategies === 'any' ? 'any' : strategies.join('|')
  const needs = [...permissions.map((permission) => ` can ${permission}`), ...scopes.map((scope) => ` scope ${scope}`)]
  return `${who}${optional ? '?' : ''}${needs.join('')}`
}
