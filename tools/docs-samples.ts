import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles, read, type Violation } from './source-files.ts'

/** Code samples of a Markdown text that are whole modules: TypeScript with an import. */
export function samplesOf(markdown: string): string[] {
  return [...markdown.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] as string).filter((code) => /^import /m.test(code))
}

/** Every sample type-checks against the sources. */
export function checkDocsSamples(root: string): Violation[] {
  const folder = join(root, 'apps/marketplace/.samples')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const origins = new Map<string, string>()
  for (const file of listFiles(root).filter((candidate) => candidate.endsWith('.md'))) {
    samplesOf(read(root, file)).forEach((code, index) => {
      const name = `${file.replaceAll(/[/.]/g, '-')}-${index}.ts`
      writeFileSync(join(folder, name), `${code}\nexport {}\n`)
      origins.set(name, file)
    })
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ['*.ts'],
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
        const name = /([^/\s]+\.ts)\(/.exec(line)?.[1] ?? ''
        return { file: origins.get(name) ?? name, message: line }
      })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
