import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Packages in the order in which they need each other. */
export const published = ['packages/core', 'packages/database', 'packages/auth', 'packages/cli']

/** Builds every package into its `dist`: plain ES modules with declarations, nothing bundled. */
export function build(): void {
  for (const folder of published) {
    const dist = join(root, folder, 'dist')
    rmSync(dist, { recursive: true, force: true })
    const config = join(root, folder, 'tsconfig.build.json')
    writeFileSync(config, JSON.stringify(buildConfig(folder)))
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', config], { encoding: 'utf8' })
    rmSync(config)
    if (status !== 0) {
      process.stderr.write(`${folder} does not build\n${stdout}`)
      process.exit(1)
    }
    process.stdout.write(`built ${folder}\n`)
  }
  copyScalar()
}

function buildConfig(folder: string) {
  return {
    extends: '../../tsconfig.json',
    compilerOptions: {
      noEmit: false,
      rootDir: 'src',
      outDir: 'dist',
      declaration: true,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      // A package sees the others as their users do: built.
      customConditions: folder === 'packages/core' ? ['glueful-source'] : [],
    },
    include: ['src'],
    exclude: ['src/**/*.test.ts', 'src/**/*.fixture.ts'],
  }
}

/** The documentation's script travels in the package, so that nobody installs what it was built from. */
function copyScalar(): void {
  const entry = createRequire(import.meta.url).resolve('@scalar/api-reference')
  const manifest = join(dirname(dirname(entry)), 'package.json')
  const assets = join(root, 'packages/core/dist/http/openapi/assets')
  mkdirSync(assets, { recursive: true })
  copyFileSync(join(dirname(manifest), 'dist/browser/standalone.js'), join(assets, 'scalar.js'))
  const { version, license } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string; license: string }
  writeFileSync(join(assets, 'NOTICE.txt'), `scalar.js is @scalar/api-reference ${version} (${license}), https://github.com/scalar/scalar\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build()
