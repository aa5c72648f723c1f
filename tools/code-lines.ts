import { isSource, isTest, listFiles, read, type Violation } from './source-files.ts'

const mostSource = 400
const mostTest = 700

/** Lines that are neither blank nor comment. */
export function countCodeLines(text: string): number {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length
}

/** One idea a file: at most 400 lines of code, tests 700. */
export function checkCodeLines(root: string): Violation[] {
  return listFiles(root)
    .filter((file) => isSource(file) || /^(tools|bench|apps|tests)\/.*\.ts$/.test(file))
    .flatMap((file) => {
      const lines = countCodeLines(read(root, file))
      const most = file.startsWith('tools/') && !isTest(file) ? 100 : isTest(file) ? mostTest : mostSource
      return lines > most ? [{ file, message: `${lines} lines of code, at most ${most}: split it by ideas` }] : []
    })
}
