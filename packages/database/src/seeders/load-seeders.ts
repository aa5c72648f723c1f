import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fail } from '../errors.ts'
import type { Seeder } from './seeder.ts'

export type SeederSource = string | URL | readonly Seeder[] | undefined

/** The seeders of a folder, each the default export of a file, or those of a list. */
export async function loadSeeders(source: SeederSource): Promise<readonly Seeder[]> {
  if (source === undefined) return []
  if (typeof source !== 'string' && !(source instanceof URL)) return source
  const folder = typeof source === 'string' ? resolve(source) : fileURLToPath(source)
  let files: string[]
  try {
    files = await readdir(folder)
  } catch (cause) {
    throw fail('SEEDER_INVALID', { name: folder, problem: 'the folder cannot be read' }, { cause })
  }
  const wanted = files.filter((file) => /\.m?[tj]s$/.test(file) && !/\.d\.ts$|\.test\.|^index\./.test(file)).toSorted()
  return Promise.all(
    wanted.map(async (file) => {
      const { default: value } = (await import(pathToFileURL(join(folder, file)).href)) as { default?: Partial<Seeder> }
      if (value?.kind !== 'seeder') throw fail('SEEDER_INVALID', { name: file, problem: 'it has no seeder as default export' })
      return value as Seeder
    }),
  )
}
