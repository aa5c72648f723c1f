import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isSource, isTest, listFiles, read, type Violation } from './source-files.ts'

/** Files that declare a catalog by `defineErrors`. */
export function catalogFiles(root: string): string[] {
  return listFiles(root).filter((file) => isSource(file) && !isTest(file) && /= defineErrors\(\{/.test(read(root, file)) && !file.endsWith('define-errors.ts'))
}

/** Codes of a catalog: its own, and those of the files beside it whose entries it spreads. */
export function codesOf(root: string, file: string): string[] {
  const text = read(root, file)
  const parts = [...text.matchAll(/from '\.\/([a-z-]+-entries)\.ts'/g)].map((match) => read(root, join(dirname(file), `${match[1]}.ts`)))
  return [text, ...parts].flatMap((part) => [...part.matchAll(/^ {2}([A-Z][A-Z0-9_]+): \{$/gm)].map((match) => match[1] as string))
}

/** Every code is thrown, tested and documented; every code thrown and documented exists. */
export function checkErrorCatalogs(root: string): Violation[] {
  const files = listFiles(root)
  const docs = existsSync(join(root, 'docs/errors.md')) ? read(root, 'docs/errors.md') : ''
  const documented = new Set([...docs.matchAll(/^### `([A-Z0-9_]+)`$/gm)].map((match) => match[1] as string))
  const tests = files
    .filter((file) => isTest(file))
    .map((file) => read(root, file))
    .join('\n')
  const violations: Violation[] = []
  const all = new Set<string>()
  for (const catalog of catalogFiles(root)) {
    const area = catalog.split('/').slice(0, 3).join('/')
    const sources = files
      .filter((file) => file.startsWith(area) && !isTest(file))
      .map((file) => read(root, file))
      .join('\n')
    for (const code of codesOf(root, catalog)) {
      all.add(code)
      const say = (message: string) => violations.push({ file: catalog, message: `${code} ${message}` })
      if (!new RegExp(`fail\\(\\s*'${code}'`).test(sources)) say('is never thrown')
      if (!new RegExp(`\\b${code}\\b`).test(tests)) say('has no test')
      if (!documented.has(code)) say('is not documented: node tools/errors-reference.ts')
    }
  }
  for (const code of documented) if (!all.has(code)) violations.push({ file: 'docs/errors.md', message: `${code} does not exist` })
  for (const file of files.filter((candidate) => isSource(candidate) && !isTest(candidate))) {
    if (/\bthrow new Error\(/.test(read(root, file))) violations.push({ file, message: 'throws a bare Error; use the catalog' })
  }
  return violations
}
