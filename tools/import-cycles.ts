import { dirname, join, normalize } from 'node:path'
import { importsOf, isSource, listFiles, read, type Violation } from './source-files.ts'

/** No file reaches itself through the values it imports. */
export function checkImportCycles(root: string): Violation[] {
  const files = listFiles(root).filter(isSource)
  const known = new Set(files)
  const edges = new Map(
    files.map((file) => [
      file,
      importsOf(read(root, file))
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => normalize(join(dirname(file), specifier)))
        .filter((target) => known.has(target)),
    ]),
  )
  const done = new Set<string>()
  const violations: Violation[] = []

  function visit(file: string, trail: readonly string[]): void {
    const at = trail.indexOf(file)
    if (at !== -1) {
      violations.push({ file, message: `imports itself: ${[...trail.slice(at), file].join(' → ')}` })
      return
    }
    if (done.has(file)) return
    for (const target of edges.get(file) ?? []) visit(target, [...trail, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return violations
}
