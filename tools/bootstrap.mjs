// Runs on whatever Node there is, before anything is installed: installs what is needed, then hands over to the
// repository's own Node. Usage: node tools/bootstrap.mjs COMMAND [arguments]
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [command = '', ...rest] = process.argv.slice(2)
const source = '--conditions=glueful-source'
const bin = (name) => join(root, 'node_modules', '.bin', name)

const commands = {
  start: { cwd: join(root, 'apps/marketplace'), args: [source, join(root, 'packages/cli/bin/glueful.js'), 'serve'] },
  test: { cwd: root, args: [join(root, 'node_modules/vitest/vitest.mjs'), 'run'] },
  check: { cwd: root, args: [source, join(root, 'tools/check.ts')] },
  build: { cwd: root, args: [source, join(root, 'tools/build.ts')] },
  bench: { cwd: root, args: [source, join(root, 'bench/run.ts')] },
  format: { cwd: root, args: [join(root, 'node_modules/oxfmt/bin/oxfmt')] },
}

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const marker = join(root, 'node_modules', '.glueful-lock-hash')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return
  process.stderr.write('Installing dependencies …\n')
  // Not npm ci: it insists on the binaries of all platforms, and a registry mirror may carry only some.
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    process.stderr.write('The dependencies could not be installed. Run npm install in this folder to see why.\n')
    process.exit(1)
  }
  writeFileSync(marker, lock)
}

/** GLUEFUL_NODE names another Node to run on; the floor version is tested that way. */
function nodeBinary() {
  if (process.env.GLUEFUL_NODE) return process.env.GLUEFUL_NODE
  if (existsSync(bin('node'))) return bin('node')
  const [major, minor, patch] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && (minor > 14 || (minor === 14 && patch >= 1)))) return process.execPath
  process.stderr.write(
    `Node 24.14.1 or later is needed; this is ${process.versions.node}, and the one that npm installs is missing.\nRun npm install, and allow the install script of the package "node".\n`,
  )
  process.exit(1)
}

const chosen = commands[command]
if (chosen === undefined) {
  process.stderr.write(`Unknown command "${command}"; there are ${Object.keys(commands).join(', ')}.\n`)
  process.exit(2)
}
install()
const node = nodeBinary()
const child = spawn(node, [...chosen.args, ...rest], {
  cwd: chosen.cwd,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` },
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
