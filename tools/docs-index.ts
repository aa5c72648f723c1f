import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles, read, type Violation } from './source-files.ts'

/** docs/README.md leads to every page beside it, once. */
export function checkDocsIndex(root: string): Violation[] {
  const file = 'docs/README.md'
  if (!existsSync(join(root, file))) return []
  const linked = [...read(root, file).matchAll(/\]\(([\w-]+\.md)\)/g)].map((match) => match[1] as string)
  const pages = listFiles(root).flatMap((path) => /^docs\/([\w-]+\.md)$/.exec(path)?.[1] ?? [])
  return pages
    .filter((page) => page !== 'README.md')
    .flatMap((page) => {
      const times = linked.filter((one) => one === page).length
      return times === 1 ? [] : [{ file, message: times === 0 ? `${page} is not linked` : `${page} is linked ${times} times` }]
    })
}
