/** Names of fields that are masked in every application; whatever their case and separators. */
export const secretNames = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'apikey',
  'xapikey',
  'privatekey',
  'creditcard',
  'cardnumber',
  'cvv',
  'cvc',
  'ssn',
  'pin',
  'otp',
  'sessionid',
  'credentials',
  'connectionstring',
]

const ownSecretNames = new Set(secretNames)

/** Whether a field of this name is masked in every application. */
export function isSecretName(name: string): boolean {
  return ownSecretNames.has(normaliseName(name))
}

/** `X-Api-Key`, `api_key` and `apiKey` are one name, but for the X. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

export const redacted = '[redacted]'

// Each part has a length that is bounded, so that no text makes these slow.
const credentialsOfUrl = /(:\/\/[^\s:@/]{0,100}):[^\s@/]{1,200}@/g
const credentialsOfHeader = /\b(Bearer|Basic)\s{1,3}[\w.~+/=-]{8,}/gi
const token = /\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]{0,}|\bgf[a-z]?_(?:live_|test_)?[\w-]{16,}/g
const naming = /\b([a-z][\w-]{0,40})["']?\s{0,3}[=:]\s{0,3}/gi
const named = /"[^"]{1,500}"|'[^']{1,500}'|[^\s&,;"')}\]]{1,500}/y

/** Masks what looks like a secret within text: credentials in URLs and headers, tokens, and `password=…`. */
export function redactText(text: string, isSecret: (name: string) => boolean = isSecretName): string {
  if (!/[:=_]|eyJ|bearer|basic/i.test(text)) return text
  const shown = text.replaceAll(credentialsOfUrl, `$1:${redacted}@`).replaceAll(credentialsOfHeader, `$1 ${redacted}`).replaceAll(token, redacted)
  let result = ''
  let from = 0
  for (const { 0: start, 1: name = '', index } of shown.matchAll(naming)) {
    const at = index + start.length
    if (at < from || !isSecret(name)) continue
    named.lastIndex = at
    const value = named.exec(shown)?.[0]
    if (value === undefined || /^(?:Bearer|Basic)$/i.test(value) || value.startsWith('[redacted')) continue
    result += shown.slice(from, at) + redacted
    from = at + value.length
  }
  return from === 0 ? shown : result + shown.slice(from)
}
