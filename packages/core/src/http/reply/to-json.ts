import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../context/context.ts'

/**
 * A value as JSON; its `toJSON` is honoured.
 * @throws `RESPONSE_NOT_JSON` for what has no JSON form: cycles, BigInt, functions, a Map or a Response.
 */
export function toJson(ctx: Context, value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw fail('RESPONSE_NOT_JSON', { route: ctx.route?.name ?? ctx.path, reason: message.split('\n', 1)[0] as string }, { cause })
  }
  if (text === undefined) throw fail('RESPONSE_NOT_JSON', { route: ctx.route?.name ?? ctx.path, reason: `a ${typeof value} has no JSON form` })
  if (text === '{}') refuseHollow(ctx, value as object)
  return text
}

/** Maps, sets, promises, responses and the like would silently become `{}`. */
function refuseHollow(ctx: Context, value: object): void {
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag !== 'Object' && !('toJSON' in value)) throw fail('RESPONSE_NOT_JSON', { route: ctx.route?.name ?? ctx.path, reason: `a ${tag} has no JSON form` })
}
