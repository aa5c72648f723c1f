#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'

const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && (minor < 14 || (minor === 14 && patch < 1)))) {
  console.error(
    `glueful needs Node 24.14.1 or later; this is ${process.versions.node}. Install a later one, or give the project its own (npm install node@26) and run npx glueful.`,
  )
  process.exit(1)
}
module.enableCompileCache()

// A package that was installed has dist; in the workspace the sources run as they are.
const source = new URL('../src/main.ts', import.meta.url)
const fromSource = existsSync(source)
if (fromSource && !process.execArgv.some((argument) => argument.includes('glueful-source'))) {
  module.registerHooks({
    resolve: (specifier, context, next) => next(specifier, { ...context, conditions: [...context.conditions, 'glueful-source'] }),
  })
}
// A reader that has seen enough (glueful routes | head) ends the output, not with a failure.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
const { main } = await import(fromSource ? source.href : new URL('../dist/main.js', import.meta.url).href)
const code = await main(process.argv.slice(2))
// Sockets and timers of the application must not keep a finished command alive; what it printed must get through the pipe.
const printed = (stream) => new Promise((resolve) => stream.write('', resolve))
if (code !== undefined) {
  await Promise.all([printed(process.stdout), printed(process.stderr)])
  process.exit(code)
}
