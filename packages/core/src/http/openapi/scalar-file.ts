import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Scalar's script: a copy in the published package, the installed package in the workspace. */
export function scalarFile(): string {
  const copied = fileURLToPath(new URL('./assets/scalar.js', import.meta.url))
  if (existsSync(copied)) return copied
  const entry = createRequire(import.meta.url).resolve('@scalar/api-reference')
  return join(dirname(entry), 'browser/standalone.js')
}
