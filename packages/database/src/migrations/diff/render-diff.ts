import type { SchemaDiff } from './compare-schema.ts'

/** The file of a migration that makes the differences go. */
export function renderDiff(name: string, { differences, notes }: SchemaDiff): string {
  const imports = [...new Set(['migration', ...differences.flatMap((difference) => difference.imports)])].toSorted()
  const remarks = notes.map((note) => `    // ${note}\n`).join('')
  const up = differences.map((difference) => `    ${difference.up}\n`).join('')
  const down = differences
    .toReversed()
    .map((difference) => `    ${difference.down}\n`)
    .join('')
  return `import { ${imports.join(', ')} } from '@glueful/database'

export default migration('${name}', {
  up: async (schema) => {
${remarks}${up}  },
  down: async (schema) => {
${down}  },
})
`
}
