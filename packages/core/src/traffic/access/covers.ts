/**
 * Whether one of the `held` names covers the wanted one. `*` covers everything; a trailing `.*` or `:*` covers all that
 * begins with what stands before it (`orders.*` covers `orders.refund` and `orders.lines.add`, not `orders`). A wildcard
 * anywhere else covers only itself.
 */
export function covers(held: readonly string[], wanted: string): boolean {
  for (const name of held) {
    if (name === wanted || name === '*') return true
    if ((name.endsWith('.*') || name.endsWith(':*')) && wanted.length >= name.length && wanted.startsWith(name.slice(0, -1))) return true
  }
  return false
}
