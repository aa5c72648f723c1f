export interface Hit {
  readonly hit: true
  /** Ms for which it is still fresh; negative when it no longer is. */
  readonly ttl: number
  readonly detail?: string
}

/** Why a request went on to the handler (RFC 9211, 2.2). */
export interface Forwarded {
  readonly why: 'bypass' | 'request' | 'uri-miss' | 'vary-miss' | 'stale' | 'miss'
  readonly stored?: boolean
  readonly collapsed?: boolean
  readonly detail?: string
}

export type CacheOutcome = Hit | Forwarded

/** The Cache-Status field (RFC 9211): `Glueful; hit; ttl=42`, `Glueful; fwd=uri-miss; stored`. */
export function renderCacheStatus(outcome: CacheOutcome): string {
  const detail = outcome.detail === undefined ? '' : `; detail=${outcome.detail}`
  if ('hit' in outcome) return `Glueful; hit; ttl=${Math.floor(outcome.ttl / 1000)}${detail}`
  return `Glueful; fwd=${outcome.why}${outcome.stored === true ? '; stored' : ''}${outcome.collapsed === true ? '; collapsed' : ''}${detail}`
}
