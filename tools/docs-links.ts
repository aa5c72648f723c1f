import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listFiles, read, type Violation } from './source-files.ts'

/** Relative links in Markdown lead to files that exist. */
export function checkDocsLinks(root: string): Violation[] {
  return listFiles(root)
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [
        ...read(root, file)
          .replace(/```[\s\S]*?```/g, '')
          .matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g),
      ]
        .map((match) => match[1] as string)
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(file), target)))
        .map((target) => ({ file, message: `the link to ${target} leads nowhere` })),
    )
}
