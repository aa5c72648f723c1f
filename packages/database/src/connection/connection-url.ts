import { fail } from '../errors.ts'

/** Where a database is. */
export type ConnectionTarget = { readonly dialect: 'sqlite'; readonly file: string } | { readonly dialect: 'postgres' | 'mysql'; readonly url: URL }

const protocols: Readonly<Record<string, 'postgres' | 'mysql'>> = { 'postgres:': 'postgres', 'postgresql:': 'postgres', 'mysql:': 'mysql', 'mariadb:': 'mysql' }

/**
 * Reads `sqlite:./data/app.sqlite`, `sqlite:///var/app.sqlite`, `sqlite::memory:`, `postgres://…` and `mysql://…`.
 * @throws `DATABASE_URL_INVALID`, without the URL: it may hold a password
 */
export function parseConnectionUrl(text: string, setting: string): ConnectionTarget {
  const sqlite = /^(?:sqlite|file):(?:\/\/)?(.*)$/s.exec(text)
  if (sqlite !== null) {
    const file = (sqlite[1] as string).replace(/\?.*$/s, '')
    if (file === '') throw fail('DATABASE_URL_INVALID', { setting, reason: 'it names no file' })
    return { dialect: 'sqlite', file }
  }
  if (text === ':memory:') return { dialect: 'sqlite', file: text }
  if (!URL.canParse(text)) throw fail('DATABASE_URL_INVALID', { setting, reason: 'it is no URL; special characters in a password are percent-encoded' })
  const url = new URL(text)
  const dialect = protocols[url.protocol]
  if (dialect === undefined) throw fail('DATABASE_URL_INVALID', { setting, reason: `it starts with ${url.protocol}` })
  if (url.pathname.length < 2) throw fail('DATABASE_URL_INVALID', { setting, reason: 'it names no database' })
  return { dialect, url }
}

/** A target as it may be shown: without user and password. */
export function describeTarget(target: ConnectionTarget): string {
  return target.dialect === 'sqlite' ? `sqlite:${target.file}` : `${target.dialect}://${target.url.host}${target.url.pathname}`
}
