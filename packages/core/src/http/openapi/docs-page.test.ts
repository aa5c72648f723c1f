import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { docsPolicy, docsScript, renderDocsPage } from './docs-page.ts'
import { scalarFile } from './scalar-file.ts'

test('the page has no inline script, names no other host, and escapes its title', () => {
  const page = renderDocsPage('</title><script>alert(1)</script> & co')
  expect(page).toContain('<title>&lt;/title>&lt;script>alert(1)&lt;/script> &amp; co</title>')
  expect(page).not.toMatch(/https?:|<script>/)
})

test('the policy allows scripts, files and requests of the same host only', () => {
  expect(docsPolicy).not.toMatch(/\*|https?:|unsafe-eval|script-src[^;]*unsafe-inline/)
  expect(docsPolicy).toContain("default-src 'none'")
})

test('Scalar is started with everything off that leaves the host', () => {
  const configuration = JSON.parse(docsScript.slice(docsScript.indexOf('{'), docsScript.lastIndexOf('}') + 1)) as Record<string, unknown>
  expect(configuration).toMatchObject({
    url: '/openapi.json',
    proxyUrl: '',
    telemetry: false,
    withDefaultFonts: false,
    orderSchemaPropertiesBy: 'preserve',
    agent: { disabled: true },
    mcp: { disabled: true },
  })
})

test('the script that is served has the call that starts it', () => {
  expect(readFileSync(scalarFile(), 'utf8')).toContain('createApiReference')
})
