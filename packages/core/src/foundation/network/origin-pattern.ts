const subdomains = /^(https?:\/\/)\*(\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?)$/

/** What `https://*.example.com` stands for; undefined for anything else. */
export function parseSubdomains(origin: string): { readonly scheme: string; readonly suffix: string } | undefined {
  const match = subdomains.exec(origin)
  return match === null ? undefined : { scheme: match[1] as string, suffix: match[2] as string }
}

/** Whether browsers send a text as an Origin (RFC 6454, 6.2). */
export function isOrigin(text: string): boolean {
  return !text.includes('*') && URL.canParse(text) && new URL(text).origin === text
}

/** Whether a text stands for origins: one, those of one level of subdomains, or `*` for all. */
export function isOriginPattern(text: string): boolean {
  return text === '*' || isOrigin(text) || parseSubdomains(text) !== undefined
}
