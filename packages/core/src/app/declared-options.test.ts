import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('..', import.meta.url))

test('every file that adds a route option is reached from the face of the package', () => {
  const declaring = globSync('traffic/**/*.ts', { cwd: source }).filter((file) =>
    readFileSync(`${source}/${file}`, 'utf8').includes('interface RouteOptions {'),
  )
  const face = readFileSync(`${source}/index.ts`, 'utf8') + readFileSync(`${source}/app/declared-options.ts`, 'utf8')
  expect(declaring.length).toBeGreaterThan(15)
  for (const file of declaring) expect(face, `${file} is in neither index.ts nor app/declared-options.ts`).toContain(`/${file}'`)
})
