import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { catalogFiles, codesOf } from './error-catalogs.ts'
import { read } from './source-files.ts'

interface Entry {
  readonly status: number
  readonly title: string
  readonly fix: string
}

/** docs/errors.md, made from the catalogs. Run: node --conditions=glueful-source tools/errors-reference.ts */
export async function renderErrorsReference(root: string): Promise<string> {
  const sections: string[] = []
  for (const file of catalogFiles(root)) {
    const { fail } = (await import(pathToFileURL(join(root, file)).href)) as { fail: { catalog: Record<string, Entry> } }
    const name = (JSON.parse(read(root, join(file.split('/').slice(0, 2).join('/'), 'package.json'))) as { name: string }).name
    const entries = codesOf(root, file).map((code) => {
      const { status, title, fix } = fail.catalog[code] as Entry
      return `### \`${code}\`\n\n${title}${status === 500 ? '' : ` (HTTP ${status})`}.${fix === '' ? '' : ` ${fix}`}\n`
    })
    sections.push(`## ${name}\n\n${entries.sort().join('\n')}`)
  }
  return `# Errors\n\nEvery error of the framework has a code that does not change. Clients find it in \`code\` of the problem document, developers at the end of the message.\n\n${sections.join('\n')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  writeFileSync(join(root, 'docs/errors.md'), await renderErrorsReference(root))
}
