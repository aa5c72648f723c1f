import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { checkCodeLines, countCodeLines } from './code-lines.ts'
import { checkDocsIndex } from './docs-index.ts'
import { checkDocsLinks } from './docs-links.ts'
import { samplesOf } from './docs-samples.ts'
import { checkErrorCatalogs } from './error-catalogs.ts'
import { checkImportCycles } from './import-cycles.ts'
import { checkImportFloors } from './import-floors.ts'
import { checkNames } from './names.ts'
import { checkPackageManifests } from './package-manifests.ts'
import type { Violation } from './source-files.ts'

/** A tree of files in a folder of its own. */
function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'glueful-check-'))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}

const said = (violations: readonly Violation[]) => violations.map(({ file, message }) => `${file}: ${message}`)
const core = 'packages/core/src'

test('imports up the floors, between stages and from other extensions are found; types and tests are free', () => {
  const root = tree({
    [`${core}/foundation/a.ts`]: "import { b } from '../traffic/b/b.ts'\nimport type { c } from '../app/c.ts'\n",
    [`${core}/foundation/a.test.ts`]: "import { app } from '../app.ts'\n",
    [`${core}/http/router/r.ts`]: "import { p } from '../pipeline/p.ts'\n",
    [`${core}/traffic/b/b.ts`]: "import { a } from '../../foundation/a.ts'\n",
    'packages/database/src/d.ts': "import { q } from '@glueful/queue'\nimport { app } from 'glueful'\n",
    'extensions/mail/src/m.ts': "import { x } from '@glueful/search'\n",
  })
  expect(said(checkImportFloors(root))).toEqual([
    'extensions/mail/src/m.ts: imports @glueful/search; an extension imports packages, never another extension',
    `${core}/foundation/a.ts: imports traffic/b/b.ts, which is on a higher floor`,
    expect.stringMatching(/router\/r\.ts: imports http\/pipeline\/p\.ts; .* never import each other/),
    'packages/database/src/d.ts: imports @glueful/queue, which is not on a lower floor',
  ])
})

test('a circle of imports is found, one of types is none', () => {
  const root = tree({
    [`${core}/a.ts`]: "import { b } from './b.ts'\n",
    [`${core}/b.ts`]: "import { c } from './c.ts'\n",
    [`${core}/c.ts`]: "export { a } from './a.ts'\n",
    [`${core}/d.ts`]: "import type { e } from './e.ts'\n",
    [`${core}/e.ts`]: "import { d } from './d.ts'\n",
  })
  expect(said(checkImportCycles(root))).toEqual([`${core}/a.ts: imports itself: ${core}/a.ts → ${core}/b.ts → ${core}/c.ts → ${core}/a.ts`])
})

test('names that say nothing, logic in an index and paths of a machine are found', () => {
  const root = tree({
    [`${core}/utils/x.ts`]: '',
    [`${core}/CamelCase.ts`]: '',
    [`${core}/index.ts`]: 'export const a = 1',
    [`${core}/p.ts`]: `const p = '${'/wor'}k/main/x'`,
  })
  expect(said(checkNames(root)).map((line) => line.split(': ')[1])).toEqual([
    'file names are kebab-case',
    'an index.ts only exports',
    'it contains a path of one machine',
    'the name "utils" says nothing about what is inside',
  ])
})

test('code lines are counted without comments and blanks, and bounded', () => {
  expect(countCodeLines('// a\n\n/* b\n c */\nconst d = 1\n')).toBe(1)
  expect(said(checkCodeLines(tree({ [`${core}/long.ts`]: 'x\n'.repeat(401), 'tools/t.ts': 'x\n'.repeat(101) })))).toHaveLength(2)
})

test('a code that is not thrown, tested or documented is found, and a bare Error', () => {
  const root = tree({
    [`${core}/catalog.ts`]: 'export const fail = defineErrors({\n  GOOD: {\n  },\n  IDLE: {\n  },\n})\n',
    [`${core}/use.ts`]: "throw fail('GOOD', {})\nthrow new Error('x')\n",
    [`${core}/use.test.ts`]: 'GOOD',
    'docs/errors.md': '### `GOOD`\n### `GONE`\n',
  })
  expect(said(checkErrorCatalogs(root)).map((line) => line.split(': ')[1])).toEqual([
    'IDLE is never thrown',
    'IDLE has no test',
    'IDLE is not documented',
    'GONE does not exist',
    'throws a bare Error; use the catalog',
  ])
})

test('a manifest with an install script or an export of nothing is found', () => {
  const manifest = {
    license: 'MIT',
    type: 'module',
    engines: { node: '>=24' },
    files: ['dist'],
    scripts: { postinstall: 'x' },
    exports: { '.': { 'glueful-source': './src/none.ts' } },
  }
  const files = { 'packages/x/package.json': JSON.stringify(manifest), 'packages/y/package.json': '{"private":true}' }
  expect(said(checkPackageManifests(tree(files)))).toEqual([
    'packages/x/package.json: it has the install script postinstall',
    'packages/x/package.json: exports["."] leads to no source file',
  ])
})

test('links that lead nowhere are found, samples with imports are modules', () => {
  const root = tree({
    'a.md': '# A: one `two`\n[x](b.md#c) [y](none.md) [z](https://x.y#q) [own](#a-one-two) [not](#a) [again](b.md#same-1)',
    'b.md': '## Same\n## Same\n```sh\n# c\n```',
  })
  expect(said(checkDocsLinks(root))).toEqual([
    'a.md: b.md has no heading for #c',
    'a.md: the link to none.md leads nowhere',
    'a.md: a.md has no heading for #a',
  ])
  expect(samplesOf("```ts\nimport { a } from 'a'\n```\n```ts\nconst b = 1\n```\n```sh\nimport x\n```")).toEqual(["import { a } from 'a'\n"])
})

test('a page that the index of the docs has not, or has twice, is found', () => {
  const root = tree({ 'docs/README.md': '[A](a.md) [A](a.md) [B](b.md)', 'docs/a.md': '', 'docs/b.md': '', 'docs/c.md': '', 'docs/decisions/README.md': '' })
  expect(said(checkDocsIndex(root))).toEqual(['docs/README.md: a.md is linked 2 times', 'docs/README.md: c.md is not linked'])
})
