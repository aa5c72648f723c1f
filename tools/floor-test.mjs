// Runs the unit tests of the packages on the oldest Node that is supported (engines.node), which npm provides.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const floor = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace(/[^\d.]/g, '')
const folder = join(root, 'node_modules/.cache', `node-${floor}`)
const binary = join(folder, 'node_modules/node/bin/node')
if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }))
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', `node@${floor}`], { cwd: folder, stdio: 'inherit' })
}
process.stdout.write(`Node ${floor}: `)
execFileSync(binary, ['--version'], { stdio: 'inherit' })
const { status } = spawnSync(binary, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'packages'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(binary)}:${process.env.PATH}`, GLUEFUL_NODE: binary },
})
process.exit(status ?? 1)
