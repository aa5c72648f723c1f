import { expect, test } from 'vitest'
import { knownVulnerabilities } from './known-vulnerabilities.ts'

test('what the registry knows becomes findings with its severity', () => {
  const answer = JSON.stringify({
    vulnerabilities: {
      left: { name: 'left', severity: 'moderate', range: '<2', fixAvailable: true },
      right: { name: 'right', severity: 'critical', range: '*', fixAvailable: false },
    },
  })
  expect(knownVulnerabilities('.', () => answer)).toMatchObject([
    { id: 'DEPENDENCY_VULNERABLE', severity: 'medium', subject: 'package left', remedy: 'Run npm audit fix.' },
    { id: 'DEPENDENCY_VULNERABLE', severity: 'critical', subject: 'package right' },
  ])
  expect(knownVulnerabilities('.', () => JSON.stringify({ vulnerabilities: {} }))).toEqual([])
})

test('a registry that gives no answer is a finding, and never means that all is well', () => {
  for (const answer of ['', 'not JSON', JSON.stringify({ error: { code: 'ENOTFOUND', summary: 'no network' } })])
    expect(knownVulnerabilities('.', () => answer)).toMatchObject([{ id: 'VULNERABILITIES_UNKNOWN', severity: 'medium' }])
})
