import { spawnSync } from 'node:child_process'

/** What npm prints; it exits with 1 where it has found something. `args` are constants: on Windows npm is a script of the shell. */
export function askNpm(directory: string, args: readonly string[]): string {
  return spawnSync('npm', args, { cwd: directory, encoding: 'utf8', shell: process.platform === 'win32', timeout: 60_000 }).stdout
}
