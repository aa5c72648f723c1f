import { readFileSync } from 'node:fs'
import { auth } from '@glueful/auth'
import { database } from '@glueful/database'
import { queue } from '@glueful/queue'
import { webhooks } from '@glueful/webhooks'
import type { Extension } from 'glueful'
import { coreSecurityChecks } from 'glueful/security'
import { expect, test } from 'vitest'

const users = { findByLogin: async () => undefined, findById: async () => undefined, updatePasswordHash: async () => undefined }
const extensions: readonly Extension[] = [auth({ users }), database(), queue({ jobs: [] }), webhooks()]
const checks = [...coreSecurityChecks, ...extensions.flatMap(({ securityChecks }) => securityChecks ?? [])]

test('every check of every package is documented with severity, title and references', () => {
  const documented = readFileSync(new URL('../../docs/security-check.md', import.meta.url), 'utf8')
  const row = ({ id, severity, title, references, find }: (typeof checks)[number]) =>
    `| \`${id}\` | ${severity} | ${title}${find === undefined ? ' (live)' : ''} | ${references.join(', ')} |`
  expect(checks.map(row).filter((text) => !documented.includes(text))).toEqual([])
})

test('names of checks are unique, because risks are accepted by them, and each refers to a risk or a requirement', () => {
  const ids = checks.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  expect(ids.filter((id) => !/^[A-Z]+(_[A-Z]+)*$/.test(id))).toEqual([])
  expect(checks.filter(({ references }) => !references.some((text) => /^(API\d+:2023|ASVS \d+\.\d+\.\d+)$/.test(text))).map(({ id }) => id)).toEqual([])
})
