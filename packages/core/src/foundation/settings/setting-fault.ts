import type { Setting } from './setting.ts'

/** What is wrong with one setting. */
export interface SettingFault {
  readonly name: string
  readonly code: 'missing' | 'invalid' | 'unreadable' | 'ambiguous' | 'unknown'
  /** As it stands in the environment; secrets masked. */
  readonly found: string
  readonly expected: string
  readonly describe: string | undefined
  /** Where more is said. */
  readonly docs: string | undefined
  /** A variable that is set, belongs to nothing, and may have been meant. */
  readonly suggestion: string | undefined
}

/** One line on one fault. */
export function describeFault({ name, describe, found, expected, suggestion, docs }: SettingFault): string {
  const meaning = describe === undefined ? '' : ` (${describe})`
  const near = suggestion === undefined ? '' : ` – is ${suggestion} meant to be ${name}?`
  return `${name}: found ${found}, expected ${expected}${meaning}${near}${docs === undefined ? '' : ` – see ${docs}`}`
}

const freeText = new Set(['string', 'url', 'list'])
const secretName = /secret|token|passw|private_?key|api_?key|credential/i

/** A value as a message may show it: shortened, without secrets and without the credentials of a URL. */
export function showValue(setting: Setting, text: string): string {
  if (setting.secret || (freeText.has(setting.type) && secretName.test(setting.name))) return `a value of ${text.length} characters`
  return JSON.stringify(setting.type === 'url' || text.includes('://') ? withoutCredentials(text) : text.slice(0, 100))
}

// Greedy, since the text may be no valid URL: a password may itself contain @ or /.
function withoutCredentials(text: string): string {
  return text
    .replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@')
    .replace(/\?.*$/s, '?***')
    .slice(0, 100)
}
