import { diffContent } from './diff-content.ts'
import { diffSchemas, type Report, type Sides } from './diff-schemas.ts'
import { methods, parametersOf, type Operation } from './operation.ts'
import { isNode, type Node } from './schema-view.ts'

/**
 * Compares the requests that an application sends by itself. It is the other way round than with paths: receivers read
 * what is sent, so it has to stay what they expect; what they answer has to stay understood.
 * Source: https://spec.openapis.org/oas/v3.1.1#fixed-fields
 */
export function diffWebhooks(before: Node, after: Node, sides: Sides, report: Report): void {
  const [old, fresh] = [before['webhooks'], after['webhooks']].map((webhooks) => (isNode(webhooks) ? webhooks : {})) as [Node, Node]
  for (const [event, webhook] of Object.entries(old)) {
    const item = sides.oldResolve(webhook)
    const counterpart = fresh[event] === undefined ? undefined : sides.newResolve(fresh[event])
    const where = `webhook ${event}`
    if (counterpart === undefined) {
      report(where, 'is no longer sent')
      continue
    }
    for (const method of methods) {
      const [operation, newOperation] = [item[method], counterpart[method]]
      if (!isNode(operation)) continue
      if (isNode(newOperation))
        diffSent({ item, operation, document: before }, { item: counterpart, operation: newOperation, document: after }, sides, where, report)
      else report(where, `is no longer sent by ${method.toUpperCase()}`)
    }
  }
}

function diffSent(before: Operation, after: Operation, sides: Sides, where: string, report: Report): void {
  const [oldId, newId] = [before.operation['operationId'], after.operation['operationId']]
  if (oldId !== undefined && oldId !== newId)
    report(where, `the operation was called ${String(oldId)}, and is called ${String(newId)}: generated receivers change`)
  const news = parametersOf(after, sides.newResolve)
  for (const [key, parameter] of parametersOf(before, sides.oldResolve)) {
    const counterpart = news.get(key)
    const at = `${where} ${key}`
    if (counterpart === undefined) {
      report(at, 'is no longer sent')
      continue
    }
    if (parameter['required'] === true && counterpart['required'] !== true) report(at, 'was always there, and may be missing now')
    diffSchemas(parameter['schema'], counterpart['schema'], 'output', sides, at, report)
  }
  diffBody(before.operation, after.operation, sides, `${where} body`, report)
  diffAnswers(before.operation, after.operation, sides, where, report)
}

function diffBody(before: Node, after: Node, sides: Sides, at: string, report: Report): void {
  if (before['requestBody'] === undefined) return
  if (after['requestBody'] === undefined) return report(at, 'is no longer sent')
  const [old, fresh] = [sides.oldResolve(before['requestBody']), sides.newResolve(after['requestBody'])]
  if (old['required'] === true && fresh['required'] !== true) report(at, 'was always there, and may be missing now')
  diffContent(old, fresh, 'output', sides, at, report)
}

function diffAnswers(before: Node, after: Node, sides: Sides, where: string, report: Report): void {
  const [old, fresh] = [before['responses'], after['responses']].map((responses) => (isNode(responses) ? responses : {})) as [Node, Node]
  for (const [status, response] of Object.entries(old)) {
    const counterpart = fresh[status] ?? fresh[`${status[0]}XX`]
    const at = `${where} ${status}`
    if (counterpart === undefined) report(at, 'is no longer understood')
    else diffContent(sides.oldResolve(response), sides.newResolve(counterpart), 'input', sides, at, report)
  }
}
