import type { CompiledRoute } from '../../http/context/route.ts'
import { listOf } from '../../traffic/access/route-access.ts'
import type { Schema } from '../../http/context/schema.ts'
import { standardJsonSchema, type JsonSchema } from '../../http/validation/standard-json-schema.ts'

const writes: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export function isWrite({ method }: CompiledRoute): boolean {
  return writes.has(method)
}

/** What its path or tags call administration. */
export function isAdmin({ path, options }: CompiledRoute): boolean {
  return path.split('/').some((segment) => segment === 'admin' || segment === 'internal') || (options.tags ?? []).includes('admin')
}

const changes =
  /^(add|approve|archive|ban|block|buy|cancel|capture|change|clear|close|confirm|create|delete|disable|edit|enable|import|insert|invite|logout|pay|publish|purge|refund|register|reject|remove|reset|restart|restore|revoke|rotate|send|sign-?out|start|stop|subscribe|transfer|unsubscribe|update|upload|withdraw)$/i

/** A GET whose path or permissions say that it changes something: `/cars/:id/delete`, `orders.refund`. */
export function readsByNameOnly({ method, path, options }: CompiledRoute): boolean {
  if (method !== 'GET') return false
  const permissions = listOf(options.can).map((permission) => permission.split(/[.:]/).at(-1) as string)
  return [path.split('/').at(-1) as string, ...permissions].some((word) => changes.test(word))
}

const credentialPath = /(^|\/)(login|signin|sign-in|signup|sign-up|register|token|refresh|password|reset|verify|otp|mfa)(\/|$|-)/i

/** Whether callers prove here who they are, or become known. */
export function takesCredentials(route: CompiledRoute): boolean {
  return isWrite(route) && credentialPath.test(route.path.replaceAll(/:\w+/g, ''))
}

/** An option that another package may have declared. */
export function optionOf({ options }: CompiledRoute, name: string): unknown {
  const value = (options as Readonly<Record<string, unknown>>)[name]
  return value === false ? undefined : value
}

/** A schema's JSON Schema of its input; undefined where it has none. */
export function describeInput(schema: Schema | undefined): JsonSchema | undefined {
  if (schema === undefined) return undefined
  try {
    return standardJsonSchema(schema, 'input')
  } catch {
    // The schema holds what JSON Schema cannot say; there is nothing to look at then.
    return undefined
  }
}

/** Names of the fields of an object schema. */
export function fieldNames(schema: Schema | undefined): readonly string[] {
  const properties = describeInput(schema)?.['properties']
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}
