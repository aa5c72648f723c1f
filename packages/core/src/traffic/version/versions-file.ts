import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fail } from '../../foundation/errors/catalog.ts'
import { announce, type Deprecation } from './deprecation.ts'

/** What operation decides about versions, beside the code: which are deprecated. Kept under version control. */
export type VersionsFile = Readonly<Record<string, { readonly deprecated: Deprecation }>>

/**
 * Reads the file; a missing one is empty.
 * @throws `API_VERSIONS_FILE_INVALID`
 */
export function readVersionsFile(file: string): VersionsFile {
  if (!existsSync(file)) return {}
  const refuse = (reason: string, cause?: unknown) => fail('API_VERSIONS_FILE_INVALID', { file, reason }, cause === undefined ? {} : { cause })
  let read: { readonly versions?: unknown }
  try {
    read = JSON.parse(readFileSync(file, 'utf8')) as typeof read
  } catch (cause) {
    throw refuse((cause as Error).message.split('\n', 1)[0] as string, cause)
  }
  const { versions } = read ?? {}
  if (typeof versions !== 'object' || versions === null || Array.isArray(versions)) throw refuse('it has no member versions')
  for (const [version, entry] of Object.entries(versions as Record<string, { readonly deprecated?: Deprecation } | null>)) {
    try {
      announce(entry?.deprecated as Deprecation, `version ${version}`)
    } catch (cause) {
      throw refuse((cause as { detail?: string }).detail?.replace(/\.$/, '') ?? String(cause), cause)
    }
  }
  return versions as VersionsFile
}

/** Writes it whole, so that a reader never meets half of it. */
export function writeVersionsFile(file: string, versions: VersionsFile): void {
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, `${JSON.stringify({ versions }, undefined, 2)}\n`)
  renameSync(temporary, file)
}
