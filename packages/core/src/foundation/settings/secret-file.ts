import { closeSync, openSync, readSync } from 'node:fs'

const mostBytes = 64 * 1024

/** The text of a mounted secret without its last line break, or why there is none. */
export function readSecretFile(file: string): { readonly text: string } | { readonly problem: string } {
  const buffer = Buffer.alloc(mostBytes + 1)
  let length = 0
  try {
    const handle = openSync(file, 'r')
    try {
      for (let read = -1; read !== 0 && length < buffer.length; length += read) read = readSync(handle, buffer, length, buffer.length - length, null)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    return { problem: `a file that cannot be read (${file}, ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})` }
  }
  if (length > mostBytes) return { problem: `a file of more than 64 KB (${file})` }
  const text = buffer.toString('utf8', 0, length).replace(/\r?\n$/, '')
  return text.trim() === '' ? { problem: `an empty file (${file})` } : { text }
}
