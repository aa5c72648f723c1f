import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkCodeLines } from './code-lines.ts'
import { checkDocsIndex } from './docs-index.ts'
import { checkDocsLinks } from './docs-links.ts'
import { checkDocsSamples } from './docs-samples.ts'
import { checkErrorCatalogs } from './error-catalogs.ts'
import { checkImportCycles } from './import-cycles.ts'
import { checkImportFloors } from './import-floors.ts'
import { checkNames } from './names.ts'
import { checkPackageManifests } from './package-manifests.ts'
import type { Violation } from './source-files.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Everything that CI requires besides the tests; `npm run check` runs all and prints a line for each. */
const checks: Readonly<Record<string, () => readonly Violation[]>> = {
  types: () => run('tsc', ['-p', '.']),
  lint: () => run('oxlint', ['--deny-warnings', '.']),
  format: () => run('oxfmt', ['--check', '.']),
  'import floors': () => checkImportFloors(root),
  'import cycles': () => checkImportCycles(root),
  names: () => checkNames(root),
  'code lines': () => checkCodeLines(root),
  'error catalogs': () => checkErrorCatalogs(root),
  'package manifests': () => checkPackageManifests(root),
  'index of docs': () => checkDocsIndex(root),
  'links in docs': () => checkDocsLinks(root),
  'samples in docs': () => checkDocsSamples(root),
}

function run(command: string, args: readonly string[]): Violation[] {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', command), args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? [] : [{ file: command, message: `\n${stdout}${stderr}` }]
}

let failed = 0
for (const [name, check] of Object.entries(checks)) {
  const violations = check()
  if (violations.length > 0) failed++
  process.stdout.write(`${violations.length === 0 ? 'ok  ' : 'FAIL'}  ${name}\n`)
  for (const { file, message } of violations) process.stdout.write(`        ${file}: ${message}\n`)
}
process.stdout.write(failed === 0 ? `\n${Object.keys(checks).length} checks passed\n` : `\n${failed} checks failed\n`)
process.exit(failed === 0 ? 0 : 1)
