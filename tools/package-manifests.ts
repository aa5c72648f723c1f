import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listFiles, read, type Violation } from './source-files.ts'

interface Manifest {
  readonly private?: boolean
  readonly license?: string
  readonly type?: string
  readonly engines?: { readonly node?: string }
  readonly files?: readonly string[]
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly scripts?: Readonly<Record<string, string>>
}

/** Published packages are ES modules under MIT for a known Node, run nothing when installed, and export what exists. */
export function checkPackageManifests(root: string): Violation[] {
  return listFiles(root)
    .filter((file) => /^(packages|extensions)\/[^/]+\/package\.json$/.test(file))
    .flatMap((file) => {
      const manifest = JSON.parse(read(root, file)) as Manifest
      if (manifest.private === true) return []
      const wrong: string[] = []
      if (manifest.license !== 'MIT') wrong.push('license is not MIT')
      if (manifest.type !== 'module') wrong.push('type is not module')
      if (manifest.engines?.node === undefined) wrong.push('engines.node is missing')
      if (manifest.files === undefined) wrong.push('files is missing')
      for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
        if (manifest.scripts?.[script] !== undefined) wrong.push(`it has the install script ${script}`)
      for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
        const source = typeof target === 'string' ? target : target['glueful-source']
        if (source === undefined || !existsSync(join(root, dirname(file), source))) wrong.push(`exports["${subpath}"] leads to no source file`)
      }
      return wrong.map((message) => ({ file, message }))
    })
}
