import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DEFAULT_MIN_VERSION } from 'node:tls'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sources = globSync('packages/*/src/**/*.ts', { cwd: root })
  .filter((file) => !/\.(test|fixture)\.ts$|\/testing\//.test(file))
  .map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(`${root}${file}`, 'utf8') }))

/** What files match, each match after its file, in their order. */
const found = (pattern: RegExp) => sources.flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([match]) => `${file}: ${match}`)).sort()
const filesWith = (pattern: RegExp) => [...new Set(found(pattern).map((line) => line.split(': ')[0]))]

test('the sources are there to be looked at', () => {
  expect(sources.length).toBeGreaterThan(300)
})

test('text becomes code in places that were looked at, and nowhere else', () => {
  // In each of them names that the application declares are the text, checked or quoted.
  expect(filesWith(/\bnew Function\(|(?<![\w.])eval\(|(?<![\w.])Function\(|from 'node:vm'|(?:setTimeout|setInterval)\(\s*['"`]/g)).toEqual([
    'packages/core/src/http/router/make-params.ts',
    'packages/database/src/model/row-encoder.ts',
    'packages/database/src/model/row-shape.ts',
  ])
})

test('no process is started but by the command line and the supervisor of workers', () => {
  expect(found(/import (?!type)[^;]*?from 'node:child_process'/g).map((line) => line.replaceAll(/\s+/g, ' '))).toEqual([
    "packages/cli/src/dev-server.ts: import { spawn, type ChildProcess } from 'node:child_process'",
    "packages/cli/src/security/ask-npm.ts: import { spawnSync } from 'node:child_process'",
    "packages/queue/src/commands/queue-work.ts: import { fork } from 'node:child_process'",
  ])
  // npm is a script of the shell on Windows; its arguments are constants.
  expect(found(/\bshell: .*/g)).toHaveLength(1)
})

test('no dependency parses XML', () => {
  interface Installed {
    readonly dependencies?: Readonly<Record<string, string>>
    readonly optionalDependencies?: Readonly<Record<string, string>>
  }
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as { packages: Readonly<Record<string, Installed>> }
  const seen = new Set<string>()
  const visit = (place: string, name: string): void => {
    // As Node looks for it: in the package's own folder first, then in those above.
    const folders = place.split('/node_modules/').map((_, index, all) => all.slice(0, all.length - index).join('/node_modules/'))
    const at = [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].find((path) => packages[path] !== undefined)
    if (at === undefined || seen.has(at)) return
    seen.add(at)
    const { dependencies, optionalDependencies } = packages[at] as Installed
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(at, next)
  }
  for (const place of Object.keys(packages).filter((path) => /^packages\/[\w-]+$/.test(path)))
    for (const name of Object.keys(packages[place]?.dependencies ?? {})) visit(place, name)
  expect(seen.size).toBeGreaterThan(20)
  expect([...seen].filter((path) => /xml|\bsax|xpath|libxslt/i.test(path.split('node_modules/').at(-1) as string))).toEqual([])
})

test('what is encrypted is encrypted by AES-256-GCM', () => {
  const ciphers = found(/create(?:Cipher|Decipher)iv\([^,]+/g)
  expect(ciphers.length).toBeGreaterThan(1)
  expect(ciphers.filter((line) => !line.endsWith("('aes-256-gcm'"))).toEqual([])
  expect(found(/\b(?:public|private)(?:Encrypt|Decrypt)\(/g)).toEqual([])
})

test('hashes are SHA-256, but where another system asks for SHA-1', () => {
  const hashes = found(/\b(?:createHash|createHmac|hash|hkdfSync)\('[\w-]+'/g)
  expect(hashes.length).toBeGreaterThan(20)
  expect(hashes.filter((line) => !line.endsWith("('sha256'"))).toEqual([
    "packages/auth/src/passwords/breached-list.ts: createHash('sha1'",
    "packages/core/src/foundation/redis/redis-script.ts: createHash('sha1'",
  ])
})

test('nothing secret is made by Math.random', () => {
  // What shares the load in time.
  expect(filesWith(/\bMath\.random\b/g).filter((file) => /^packages\/(?:auth|webhooks)\//.test(file as string))).toEqual([
    'packages/auth/src/housekeeping.ts',
    'packages/webhooks/src/delivery/retry-table.ts',
  ])
})

test('no connection is allowed an older TLS than 1.2', () => {
  expect(['TLSv1.2', 'TLSv1.3']).toContain(DEFAULT_MIN_VERSION)
  expect(found(/\b(?:minVersion|secureProtocol|secureOptions|DEFAULT_MIN_VERSION)\b/g)).toEqual([])
  // A certificate goes unchecked only where the address asks for it by name.
  expect(found(/rejectUnauthorized: .*/g)).toEqual(["packages/database/src/driver/mysql/mysql-driver.ts: rejectUnauthorized: tls !== 'no-verify' } }),"])
})
