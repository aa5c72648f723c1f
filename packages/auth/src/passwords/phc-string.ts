import { fail } from '../errors.ts'

/** A hash in the PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export interface PhcString {
  readonly version: number | undefined
  readonly params: ReadonlyMap<string, number>
  readonly salt: Buffer
  readonly hash: Buffer
}

const format = /^\$[a-z0-9-]{1,32}(?:\$v=(\d{1,3}))?\$((?:[a-z]{1,8}=\d{1,10})(?:,[a-z]{1,8}=\d{1,10}){0,7})\$([A-Za-z0-9+/.]{1,128})\$([A-Za-z0-9+/.]{1,256})$/

/**
 * Takes a PHC string apart. Source: https://github.com/P-H-C/phc-string-format
 * @throws `PASSWORD_HASH_UNREADABLE`, which never shows the hash
 */
export function parsePhcString(text: string): PhcString {
  const match = format.exec(text)
  if (match === null) throw fail('PASSWORD_HASH_UNREADABLE', { reason: 'it is not a PHC string' })
  const [, version, params = '', saltText = '', hashText = ''] = match
  const [salt, hash] = [decode(saltText), decode(hashText)]
  if (salt.length < 8 || hash.length < 16) throw fail('PASSWORD_HASH_UNREADABLE', { reason: 'its salt or its hash is too short' })
  return {
    version: version === undefined ? undefined : Number(version),
    params: new Map(
      params
        .split(',')
        .map((pair) => pair.split('='))
        .map(([name = '', value]) => [name, Number(value)]),
    ),
    salt,
    hash,
  }
}

export function renderPhcString(id: string, version: number | undefined, params: Readonly<Record<string, number>>, salt: Buffer, hash: Buffer): string {
  const listed = Object.entries(params).map(([name, value]) => `${name}=${value}`)
  return `$${id}${version === undefined ? '' : `$v=${version}`}$${listed.join(',')}$${encode(salt)}$${encode(hash)}`
}

/** A parameter within limits, because a planted hash must not cost the server its memory. */
export function paramOf({ params }: PhcString, name: string, min: number, max: number): number {
  const value = params.get(name)
  if (value === undefined || value < min || value > max)
    throw fail('PASSWORD_HASH_UNREADABLE', { reason: `its parameter ${name} is not from ${min} to ${max}` })
  return value
}

// Some libraries write '.' where Base64 has '+'.
const decode = (text: string) => Buffer.from(text.replaceAll('.', '+'), 'base64')
const encode = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
