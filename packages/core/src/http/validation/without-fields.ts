import type { FieldPath } from './unknown-fields.ts'

/** A value without these fields; what lies on the way to them is copied, everything else is the same object. */
export function withoutFields(value: unknown, paths: readonly FieldPath[]): unknown {
  if (paths.length === 0) return value
  const copies = new Map<object, object>()
  const copyOf = (original: object): Record<string | number, unknown> => {
    let copy = copies.get(original)
    if (copy === undefined) {
      copy = Array.isArray(original) ? [...original] : Object.assign(Object.create(null) as object, original)
      copies.set(original, copy)
    }
    return copy as Record<string | number, unknown>
  }
  const root = copyOf(value as object)
  for (const path of paths) {
    let original = value as Record<string | number, object>
    let copy = root
    for (const key of path.slice(0, -1)) {
      original = original[key] as unknown as Record<string | number, object>
      copy = (copy[key] = copyOf(original)) as Record<string | number, unknown>
    }
    delete copy[path.at(-1) as string | number]
  }
  return root
}
