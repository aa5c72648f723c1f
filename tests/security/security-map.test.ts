import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const rows = readFileSync(new URL('docs/security.md', root), 'utf8').match(/^\| API\d+ .*$/gm) ?? []

test('each risk of the API Top 10 stands in the documentation once, with tests that exist', () => {
  expect(rows.map((row) => /API\d+/.exec(row)?.[0])).toEqual(Array.from({ length: 10 }, (_, index) => `API${index + 1}`))
  const files = rows.flatMap((row) => row.match(/[\w./-]+\.test\.ts/g) ?? [])
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
})
