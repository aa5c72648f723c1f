import type { Secret } from 'glueful'

/** The addresses of a setting that is a list of them; empty where it is not set. */
export function listUrls(urls: Secret | undefined): string[] {
  return (urls?.reveal() ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')
}
