/** A path as it was matched, as it stands in a URL: encoded once, a slash within a segment as `%2F`. */
export function toUrlPath(path: string): string {
  return encodeURI(path)
    .replaceAll('?', '%3F')
    .replaceAll('#', '%23')
    .replace(/%25((?:25)*2F)/g, '%$1')
}
