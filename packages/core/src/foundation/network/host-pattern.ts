const valid = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$|^\[[0-9a-f:.]+\]$/

/** Whether a text stands for host names: `api.example.com`, `*.example.com`, `[::1]`; without port, in lower case. */
export function isHostPattern(text: string): boolean {
  return valid.test(text)
}
