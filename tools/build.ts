import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Packages in the order in which they need each other. */
export const published = ['packages/core', 'packages/database', 'packages/queue', 'packages/auth', 'packages/webhooks', 'packages/cli']

/** Packages whose modules become one file for each entry; the others keep a file for each module. */
const bundled = new Set(['packages/core'])

/** Builds every package into its `dist`: plain ES modules with declarations. */
export async function build(): Promise<void> {
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
    if (bundled.has(folder)) await bundle(folder)
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

/**
 * Puts the modules of a package together: every file that Node loads costs memory and time, whatever is in it. What
 * entries share stands in files of its own, so that a service token is the same from wherever it is imported.
 */
async function bundle(folder: string): Promise<void> {
  const dist = join(root, folder, 'dist')
  const { exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { exports: Record<string, string | { default: string }> }
  const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : entry.default.slice('./dist/'.length)))
  const bundler = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry.replace(/\.js$/, ''), join(dist, entry)])),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  })
  const together = join(root, folder, 'dist-bundled')
  await bundler.write({ dir: together, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' })
  for (const file of globSync('**/*.js', { cwd: dist })) rmSync(join(dist, file))
  cpSync(together, dist, { recursive: true })
  rmSync(together, { recursive: true })
}

/** The documentation's script travels in the package, so that nobody installs what it was built from. */
function copyScalar(): void {
  const entry = createRequire(import.meta.url).resolve('@scalar/api-reference')
  const manifest = join(dirname(dirname(entry)), 'package.json')
  const assets = join(root, 'packages/core/dist/assets')
  mkdirSync(assets, { recursive: true })
  copyFileSync(join(dirname(manifest), 'dist/browser/standalone.js'), join(assets, 'scalar.js'))
  const { version, license } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string; license: string }
  writeFileSync(join(assets, 'NOTICE.txt'), `scalar.js is @scalar/api-reference ${version} (${license}), https://github.com/scalar/scalar\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
