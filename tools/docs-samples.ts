import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listFiles, read, type Violation } from './source-files.ts'

/** Code samples of a Markdown text that are whole modules: TypeScript that imports or exports. */
export function samplesOf(markdown: string): string[] {
  return [...markdown.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] as string).filter((code) => /^(?:import|export) /m.test(code))
}

/** `// models/car.ts` on the first line says where a sample belongs, so that the samples of a page import each other. */
const placeOf = (code: string): string | undefined => /^\/\/ (\S+\.ts)\n/.exec(code)?.[1]

/** Every sample type-checks against the sources. */
export function checkDocsSamples(root: string): Violation[] {
  const folder = join(root, 'apps/marketplace/.samples')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const origins = new Map<string, string>()
  for (const file of listFiles(root).filter((candidate) => candidate.endsWith('.md'))) {
    const page = file.replaceAll(/[/.]/g, '-')
    const samples = samplesOf(read(root, file))
    samples.forEach((code, index) => {
      const place = placeOf(code)
      // Of a file that a page shows twice, the others import the last.
      const isLast = place !== undefined && !samples.slice(index + 1).some((later) => placeOf(later) === place)
      const name = join(page, isLast ? place : `sample-${index}.ts`)
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), `${code}\nexport {}\n`)
      origins.set(page, file)
    })
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ['**/*.ts'],
      exclude: [],
    }),
  )
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8', stdio: 'pipe' })
    return []
  } catch (error) {
    const output = String((error as { stdout?: unknown }).stdout ?? error)
    return output
      .split('\n')
      .filter((line) => line.includes('error TS'))
      .map((line) => {
        const page = [...origins.keys()].find((name) => line.includes(`${name}/`)) ?? ''
        return { file: origins.get(page) ?? page, message: line }
      })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
