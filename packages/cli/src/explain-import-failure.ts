import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GluefulError } from 'glueful/errors'
import { fail } from './errors.ts'

/** What stops most new applications from loading, said with what to do; undefined for what Node shows well itself. */
export function explainImportFailure(error: unknown, file: string): GluefulError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ERR_MODULE_NOT_FOUND') return missingImport(error)
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return fail('APP_SYNTAX_NOT_ERASABLE', { place: placeOf(error) ?? fromHere(file), reason: error.message }, { cause: error })
  }
  if (error instanceof SyntaxError && /import statement outside a module|Unexpected token 'export'/.test(error.message)) {
    return fail('APP_NOT_A_MODULE', { file: placeOf(error) ?? fromHere(file) }, { cause: error })
  }
  return undefined
}

function missingImport(error: Error): GluefulError | undefined {
  const [, kind, specifier, importer] = /^Cannot find (package|module) '(.+?)' imported from (.+)$/.exec(error.message) ?? []
  if (specifier === undefined || importer === undefined) return undefined
  const shown = { importer: fromHere(importer), specifier: kind === 'module' ? fromHere(specifier) : specifier }
  return fail('APP_IMPORT_MISSING', { ...shown, suggestion: kind === 'module' ? otherEnding(specifier) : `Run: npm install ${specifier}` }, { cause: error })
}

/** `./cars` and `./cars.js` where there is `./cars.ts`. */
function otherEnding(path: string): string | undefined {
  const bare = path.replace(/\.m?js$/, '')
  const found = [`${bare}.ts`, `${bare}/index.ts`, `${bare}.js`].find((candidate) => existsSync(candidate))
  return found === undefined ? undefined : `There is ${fromHere(found)}.`
}

/** Node heads the stack of a syntax error with file and line. */
function placeOf(error: Error): string | undefined {
  const [, path, line] = /^(file:\S+|\/\S+?):(\d+)$/m.exec(error.stack ?? '') ?? []
  return path === undefined ? undefined : `${fromHere(path)}:${line}`
}

function fromHere(path: string): string {
  const file = path.startsWith('file:') ? fileURLToPath(path) : path
  const shown = relative(process.cwd(), file)
  return shown.startsWith('..') ? file : shown
}
