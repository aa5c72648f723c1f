import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type * as Zod from 'zod'

let library: typeof Zod | undefined

/**
 * Zod, loaded when a schema of it is first met: an application without any is 14 MB smaller and starts sooner. It is the
 * very instance that an `import` gives, which `require` of an ES module shares.
 */
export function zodLibrary(): typeof Zod {
  return (library ??= createRequire(import.meta.url)(fileURLToPath(import.meta.resolve('zod'))) as typeof Zod)
}
