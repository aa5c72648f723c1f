import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { asvsRequirements, levelOne } from './asvs-requirements.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const document = read('docs/asvs.md')

/** The rows of the map: number, what is asked for, what answers it, and the tests. */
const rows = document
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()) as [string, string, string, string])

const titlesOf = (cell: string) =>
  [...cell.matchAll(/`([\w./-]+\.test\.ts)`: (.+?)(?=; `[\w./-]+\.test\.ts`: |$)/g)].map(([, file = '', title = '']) => ({ file, title }))

/** Whether a file has a test, a group of tests or a row of a table of them with that title. */
function hasTitle(file: string, title: string): boolean {
  const quoted = ['"', "'", '`'].flatMap((quote) => [`${quote}${title}${quote},`, `${quote}${title}${quote}:`])
  const source = read(file)
  return quoted.some((text) => source.includes(text))
}

test('every requirement of Level 1 stands in the map once, and nothing else does', () => {
  expect(levelOne).toHaveLength(70)
  expect(rows.map(([number]) => number)).toEqual(levelOne)
  expect(rows.filter((row) => row.length !== 4)).toEqual([])
  expect(levelOne.filter((number) => !asvsRequirements.has(number))).toEqual([])
})

test('each row names tests that exist, or says why there is none', () => {
  const faults = rows.flatMap(([number, , answer, tests]) => {
    if (tests === '–') return /^(Not applicable|The application's|The operator's): .{20}/.test(answer) ? [] : [`${number}: no test, and no reason`]
    const named = titlesOf(tests)
    if (named.length === 0) return [`${number}: names no test as it should`]
    return named.flatMap(({ file, title }) => {
      if (!existsSync(new URL(file, root))) return [`${number}: ${file} is not there`]
      return hasTitle(file, title) ? [] : [`${number}: ${file} has no '${title}'`]
    })
  })
  expect(faults).toEqual([])
})

test('no row is without an answer of its own words', () => {
  expect(rows.filter(([, about, answer]) => about.length < 10 || answer.length < 8).map(([number]) => number)).toEqual([])
  expect(rows.filter((row) => row.some((cell) => /Verify that/.test(cell))).map(([number]) => number)).toEqual([])
})

test('docs/security.md leads to the map', () => {
  expect(read('docs/security.md')).toContain('(asvs.md)')
})

test('how soon dependencies are updated is documented', () => {
  const section = read('SECURITY.md').split('## Dependencies')[1]?.split('\n## ')[0] ?? ''
  expect(section.match(/^\| (critical|high|medium|low).*\| \d+ days \|$/gm)).toHaveLength(4)
})

test('every number of ASVS and every risk that sources and documentation refer to exists in that edition', () => {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: fileURLToPath(root) }).filter((file) => !file.endsWith('.test.ts'))
  const references = [...sources, 'docs/security-check.md'].flatMap((file) =>
    [...read(file).matchAll(/ASVS (\d+(?:\.\d+)+)\b|\b(API\d+):2023\b/g)].map(([text, number, risk]) => ({ file, text, number, risk })),
  )
  expect(references.filter(({ number }) => number !== undefined && number !== '5.0').length).toBeGreaterThan(60)
  const wrong = references.filter(({ number, risk }) =>
    number === undefined ? !/^API(?:[1-9]|10)$/.test(risk ?? '') : number !== '5.0' && number !== '5.0.0' && !asvsRequirements.has(number),
  )
  expect(wrong).toEqual([])
})
