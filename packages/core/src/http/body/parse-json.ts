import { fail } from '../../foundation/errors/catalog.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Deeper values than this are refused. */
const deepestJson = 64

/**
 * Parses JSON as RFC 8259 has it: valid UTF-8 without byte order mark, nested at most 64 deep, numbers that a double can
 * hold, and no key that could reach a prototype.
 * @throws `INVALID_JSON` (400)
 */
export function parseJson(bytes: Uint8Array): unknown {
  const refuse = (reason: string, cause?: unknown) => fail('INVALID_JSON', { reason }, { cause })
  if (bytes.byteLength === 0) throw refuse('it is empty')
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch (cause) {
    throw refuse('it is not valid UTF-8', cause)
  }
  if (text.charCodeAt(0) === 0xfeff) throw refuse('it starts with a byte order mark')
  let value: unknown
  if (opensMoreThan(text, deepestJson) && tooDeep(text, deepestJson)) throw refuse(`it is nested more than ${deepestJson} deep`)
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const position = /position (\d+)/.exec((cause as Error).message)?.[1]
    throw refuse(position === undefined ? 'it ends too early or is no JSON' : `it breaks off being JSON at position ${position}`, cause)
  }
  // Cheap looks first: hardly any body contains these.
  if ((text.includes('__proto__') || text.includes('constructor') || text.includes('\\u')) && reachesPrototype(value))
    throw refuse('it has a key that is not allowed (__proto__, constructor)')
  if (mayOverflow(text) && hasInfinity(value)) throw refuse('it has a number that is out of range')
  return value
}

/** A look that most bodies stand: those with few brackets, wherever these are, are not deep. */
function opensMoreThan(text: string, most: number): boolean {
  let open = 0
  for (let i = text.indexOf('{'); i !== -1; i = text.indexOf('{', i + 1)) if (++open > most) return true
  for (let i = text.indexOf('['); i !== -1; i = text.indexOf('[', i + 1)) if (++open > most) return true
  return false
}

/** Whether brackets outside of strings open more than `deepest` levels. */
function tooDeep(text: string, deepest: number): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      for (i++; i < text.length; i++) {
        const inner = text.charCodeAt(i)
        if (inner === 0x5c) i++
        else if (inner === 0x22) break
      }
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > deepest) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

function reachesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(reachesPrototype)
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return true
    const inner = (value as Record<string, unknown>)[key]
    if (key === 'constructor' && typeof inner === 'object' && inner !== null) return true
    if (reachesPrototype(inner)) return true
  }
  return false
}

/**
 * A number that no double holds has an exponent of three digits, or some two hundred digits before one of two. Takes some
 * texts that are fine; two looks take a third of the time of one that knows exactly.
 */
function mayOverflow(text: string): boolean {
  return /[0-9][eE][+0-9][0-9][0-9]/.test(text) || (text.length >= 200 && /[0-9]{200}/.test(text))
}

function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity)
}
