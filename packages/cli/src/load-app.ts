import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from 'glueful'
import { fail } from './errors.ts'
import { explainImportFailure } from './explain-import-failure.ts'

const candidates = ['app.ts', 'src/app.ts', 'app.js', 'dist/app.js']

/** Where an application may be: `--app`, GLUEFUL_APP, or the first of the usual places. */
export function appFiles(named: string | undefined): readonly string[] {
  const wanted = named ?? process.env['GLUEFUL_APP']
  return wanted === undefined ? candidates : [wanted]
}

export function findAppFile(named: string | undefined): string {
  const tried = appFiles(named)
  const found = tried.map((file) => resolve(file)).find((file) => existsSync(file))
  if (found === undefined) throw fail('APP_FILE_MISSING', { tried })
  return found
}

/** Imports the application and asks its secret sources, so that its routes and settings can be read; nothing of it is started. */
export async function loadConfiguredApp(named: string | undefined): Promise<App> {
  const app = await loadApp(named)
  await app.configure()
  return app
}

/** Imports the application; nothing of it is started or read. */
export async function loadApp(named: string | undefined): Promise<App> {
  const file = findAppFile(named)
  const imported = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw explainImportFailure(error, file) ?? error
  })) as { default?: unknown }
  const app = imported.default
  if (typeof app !== 'object' || app === null || (app as { kind?: unknown }).kind !== 'app') throw fail('APP_FILE_INVALID', { file })
  return app as App
}
