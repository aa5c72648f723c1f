/**
 * Offers to save an answer under a name (RFC 6266), with the extended form of RFC 8187 where the name is not plain ASCII.
 * Slashes and control characters become `_`.
 */
export function contentDisposition(name: string): string {
  // oxlint-disable-next-line no-control-regex
  const safe = name.toWellFormed().replace(/[/\\\x00-\x1f\x7f]/g, '_')
  const plain = safe.replace(/[^\x20-\x7e]|["%]/g, '_')
  if (plain === safe) return `attachment; filename="${plain}"`
  const extended = encodeURIComponent(safe).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended}`
}
