import { constants } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { fail } from '../../foundation/errors/catalog.ts'

// What a path can be wrong about. Other failures (no descriptors left, no permission) are the server's own.
const absent = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO'])

// Pipes would block the thread pool until somebody writes. Windows knows neither flag.
const nonBlocking = constants.O_NONBLOCK ?? 0
const noFollow = constants.O_NOFOLLOW ?? 0

/**
 * Opens a file for reading. With `root`, the real path has to lie inside of it, links followed, and none of its names below
 * `root` may begin with a dot unless `hidden` says so: `.git` and `.env` are never meant.
 * @throws `FILE_NOT_FOUND` where there is nothing, and for what lies outside of `root` or is hidden.
 */
export async function openFile(path: string, root: string | undefined, hidden = false): Promise<{ readonly handle: FileHandle; readonly path: string }> {
  if (path.includes('\0')) throw fail('FILE_NOT_FOUND', undefined)
  try {
    if (root === undefined) return { path, handle: await open(path, constants.O_RDONLY | nonBlocking) }
    const real = await realpathInside(path, root, hidden)
    // The real path has no links; one that was put there since is not followed.
    return { path: real, handle: await open(real, constants.O_RDONLY | nonBlocking | noFollow) }
  } catch (cause) {
    throw absent.has((cause as NodeJS.ErrnoException).code ?? '') ? fail('FILE_NOT_FOUND', undefined, { cause }) : cause
  }
}

async function realpathInside(path: string, root: string, hidden: boolean): Promise<string> {
  const base = await realpath(root)
  const real = await realpath(resolve(base, `.${sep}${path}`))
  const inside = base.endsWith(sep) ? base : base + sep
  if (!real.startsWith(inside) || (!hidden && real.slice(inside.length).split(sep).some(isHidden))) throw fail('FILE_NOT_FOUND', undefined)
  return real
}

function isHidden(name: string): boolean {
  return name.startsWith('.') && name !== '.well-known'
}
