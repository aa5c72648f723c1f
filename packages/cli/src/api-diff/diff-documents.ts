import { diffContent } from './diff-content.ts'
import { diffSchemas, type Report, type Sides } from './diff-schemas.ts'
import { diffWebhooks } from './diff-webhooks.ts'
import { methods, parametersOf, type Operation } from './operation.ts'
import { createResolve, isNode, type Node } from './schema-view.ts'

/** A change that breaks clients of the older document. */
export interface BreakingChange {
  /** `GET /cars/{id}`, and where in it. */
  readonly where: string
  readonly message: string
}

/**
 * Compares two OpenAPI 3.1 documents: everything that was asked of and answered by the older one must hold for the newer
 * one. Operations that are gone, inputs that are new and required or accept less, answers that are gone or give something
 * else, and credentials that were not needed are named; so are events that receivers of webhooks no longer get, or get in
 * another form. Additions are not.
 */
export function diffDocuments(before: unknown, after: unknown): BreakingChange[] {
  const [old, fresh] = [before, after].map((document) => (isNode(document) ? document : {})) as [Node, Node]
  const sides: Sides = { oldResolve: createResolve(old), newResolve: createResolve(fresh) }
  const changes: BreakingChange[] = []
  const report = (where: string, message: string) => void changes.push({ where, message })
  const [oldPaths, newPaths] = [pathsOf(old, sides.oldResolve), pathsOf(fresh, sides.newResolve)]
  for (const [shape, { path, item }] of oldPaths) {
    const counterpart = newPaths.get(shape)
    if (counterpart === undefined) {
      report(path, 'is gone')
      continue
    }
    for (const method of methods) {
      if (!isNode(item[method])) continue
      const where = `${method.toUpperCase()} ${path}`
      const operation = counterpart.item[method]
      if (isNode(operation))
        diffOperation({ item, operation: item[method], document: old }, { item: counterpart.item, operation, document: fresh }, sides, where, report)
      else report(where, 'is gone')
    }
  }
  diffWebhooks(old, fresh, sides, report)
  return changes
}

/** Paths by their shape: names of parameters do not matter to a URL. */
function pathsOf(document: Node, resolve: Sides['oldResolve']): Map<string, { path: string; item: Node }> {
  const paths = isNode(document['paths']) ? document['paths'] : {}
  return new Map(Object.entries(paths).map(([path, item]) => [path.replaceAll(/\{[^}]*\}/g, '{}'), { path, item: resolve(item) }]))
}

function diffOperation(before: Operation, after: Operation, sides: Sides, where: string, report: Report): void {
  const [oldId, newId] = [before.operation['operationId'], after.operation['operationId']]
  if (oldId !== undefined && oldId !== newId)
    report(where, `the operation was called ${String(oldId)}, and is called ${String(newId)}: generated clients change`)
  diffParameters(before, after, sides, where, report)
  diffRequestBody(before.operation, after.operation, sides, where, report)
  diffResponses(before.operation, after.operation, sides, where, report)
  diffSecurity(before, after, where, report)
}

function diffParameters(before: Operation, after: Operation, sides: Sides, where: string, report: Report): void {
  const [old, fresh] = [parametersOf(before, sides.oldResolve), parametersOf(after, sides.newResolve)]
  for (const [key, parameter] of old) {
    const counterpart = fresh.get(key)
    const at = `${where} ${key}`
    if (counterpart === undefined) {
      report(at, 'is no longer read')
      continue
    }
    if (parameter['required'] !== true && counterpart['required'] === true) report(at, 'is required now')
    diffSchemas(parameter['schema'], counterpart['schema'], 'input', sides, at, report)
  }
  for (const [key, parameter] of fresh) if (!old.has(key) && parameter['required'] === true) report(`${where} ${key}`, 'is new and required')
}

function diffRequestBody(before: Node, after: Node, sides: Sides, where: string, report: Report): void {
  const [old, fresh] = [sides.oldResolve(before['requestBody']), sides.newResolve(after['requestBody'])]
  const at = `${where} body`
  if (before['requestBody'] === undefined) {
    if (fresh['required'] === true) report(at, 'is new and required')
    return
  }
  if (after['requestBody'] === undefined) return report(at, 'is no longer read')
  if (old['required'] !== true && fresh['required'] === true) report(at, 'is required now')
  diffContent(old, fresh, 'input', sides, at, report)
}

function diffResponses(before: Node, after: Node, sides: Sides, where: string, report: Report): void {
  const [old, fresh] = [before['responses'], after['responses']].map((responses) => (isNode(responses) ? responses : {})) as [Node, Node]
  for (const [status, response] of Object.entries(old)) {
    // What goes wrong may change; what goes right is what clients are written for.
    if (!/^[23]/.test(status)) continue
    const counterpart = fresh[status] ?? fresh[`${status[0]}XX`]
    const at = `${where} ${status}`
    if (counterpart === undefined) report(at, 'is no longer answered')
    else diffContent(sides.oldResolve(response), sides.newResolve(counterpart), 'output', sides, at, report)
  }
}

/** Whoever could call it before still can: for each old set of credentials there is a new one that asks for no more. */
function diffSecurity(before: Operation, after: Operation, where: string, report: Report): void {
  const setsOf = ({ operation, document }: Operation): Node[] => {
    const security = operation['security'] ?? document['security']
    return Array.isArray(security) && security.length > 0 ? (security as unknown[]).filter(isNode) : [{}]
  }
  const news = setsOf(after)
  for (const old of setsOf(before)) {
    const stillEnough = news.some((fresh) =>
      Object.entries(fresh).every(
        ([scheme, scopes]) => scopesOf(scopes).every((scope) => scheme in old && scopesOf(old[scheme]).includes(scope)) && scheme in old,
      ),
    )
    if (!stillEnough) report(where, Object.keys(old).length === 0 ? 'needs credentials now' : `${Object.keys(old).join(' and ')} is no longer enough`)
  }
}

function scopesOf(scopes: unknown): readonly string[] {
  return Array.isArray(scopes) ? (scopes as string[]) : []
}
