import { basename } from 'node:path'
import { isSource, listFiles, read, type Violation } from './source-files.ts'

const banned = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'types', 'interfaces', 'constants', 'manager'])

/** Names say what is inside; an index.ts is a face and holds no logic; no file carries a path of some machine. */
export function checkNames(root: string): Violation[] {
  const violations: Violation[] = []
  for (const file of listFiles(root)) {
    if (!/\.(ts|mjs|js|md|json|yml)$/.test(file) || file.endsWith('package-lock.json')) continue
    for (const part of file.split('/'))
      if (banned.has(part.replace(/\..*$/, '').toLowerCase())) violations.push({ file, message: `the name "${part}" says nothing about what is inside` })
    // A migration's name is that of its row in the database: the time, and words.
    if (/(^|\/)migrations\/(\w+\/)?\d{14}_[a-z0-9_]+(\.[a-z]+)?\.ts$/.test(file)) continue
    if (file.endsWith('.ts') && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.ts$/.test(basename(file)))
      violations.push({ file, message: 'file names are kebab-case' })
    const text = read(root, file)
    if (basename(file) === 'index.ts' && isSource(file) && /\b(function|class|const|let|if)\b/.test(text.replace(/\/\*[\s\S]*?\*\//g, '')))
      violations.push({ file, message: 'an index.ts only exports' })
    if (file !== 'tools/names.ts' && /(^|["'\s(=])\/(work|root|Users|home\/\w+)\//m.test(text))
      violations.push({ file, message: 'it contains a path of one machine' })
  }
  return violations
}
