import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listFiles, read, type Violation } from './source-files.ts'

/** Relative links in Markdown lead to files that exist, and to headings that are in them. */
export function checkDocsLinks(root: string): Violation[] {
  return listFiles(root)
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [...withoutCode(read(root, file)).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)]
        .map(([, target = '', heading]) => ({ target, heading }))
        .filter(({ target }) => !/^[a-z]+:/.test(target))
        .flatMap(({ target, heading }) => {
          const page = target === '' ? file : join(dirname(file), target)
          if (!existsSync(join(root, page))) return [{ file, message: `the link to ${target} leads nowhere` }]
          if (heading === undefined || !page.endsWith('.md') || headingsOf(read(root, page)).has(heading)) return []
          return [{ file, message: `${page} has no heading for #${heading}` }]
        }),
    )
}

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?```/g, '')
}

/** The names that GitHub gives headings; those that occur again are numbered. */
function headingsOf(text: string): Set<string> {
  const found = new Map<string, number>()
  for (const [, title = ''] of withoutCode(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const name = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-')
    found.set(name, (found.get(name) ?? 0) + 1)
  }
  return new Set([...found].flatMap(([name, count]) => [name, ...Array.from({ length: count - 1 }, (_, index) => `${name}-${index + 1}`)]))
}
