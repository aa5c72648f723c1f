import { createHash } from 'node:crypto'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { fail } from '../errors.ts'

/** Passwords that became known, and so are the first that anybody tries. */
export interface BreachedList {
  has(password: string): Promise<boolean>
  close(): Promise<void>
}

const mostInMemory = 64 * 1024 * 1024
const sha1Line = /^[0-9A-Fa-f]{40}(?::\d+)?\r?$/

/**
 * Opens a list: either passwords, one a line, or SHA-1 hashes in ascending order (`HASH:count`, as Have I Been Pwned
 * offers for download), which may be of any size because they are searched on disk.
 * @throws `BREACHED_LIST_UNREADABLE`
 */
export async function openBreachedList(file: string): Promise<BreachedList> {
  let handle: FileHandle
  try {
    handle = await open(file)
  } catch (cause) {
    throw fail('BREACHED_LIST_UNREADABLE', { file, reason: 'it cannot be opened' }, { cause })
  }
  const { size } = await handle.stat()
  const [first] = (await lineAt(handle, 0, size)) ?? ['']
  if (sha1Line.test(first)) return { has: (password) => searchHashes(handle, size, password, file), close: () => handle.close() }
  await handle.close()
  if (size > mostInMemory) throw fail('BREACHED_LIST_UNREADABLE', { file, reason: 'it is larger than 64 MB; lists of that size must be sorted SHA-1 hashes' })
  const words = new Set((await readFile(file, 'utf8')).split(/\r?\n/).filter((line) => line !== ''))
  return { has: async (password) => words.has(password) || words.has(password.toLowerCase()), close: async () => undefined }
}

/** Binary search over byte offsets: the line that begins at or after the middle decides. */
async function searchHashes(handle: FileHandle, size: number, password: string, file: string): Promise<boolean> {
  const wanted = createHash('sha1').update(password).digest('hex').toUpperCase()
  let low = 0
  let high = size
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await lineAt(handle, middle, size)
    if (found === undefined || found[1] >= high) {
      high = middle
      continue
    }
    const [line, start] = found
    if (!sha1Line.test(line)) throw fail('BREACHED_LIST_UNREADABLE', { file, reason: `at byte ${start} is no SHA-1 hash` })
    const hash = line.slice(0, 40).toUpperCase()
    if (hash === wanted) return true
    if (hash < wanted) low = start + line.length + 1
    else high = middle
  }
  return false
}

/** The first whole line that begins at or after an offset, and where. */
async function lineAt(handle: FileHandle, offset: number, size: number): Promise<[line: string, start: number] | undefined> {
  // From one byte earlier, so that a line that begins exactly at the offset is seen to begin there.
  const from = Math.max(0, offset - 1)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, from)
  const text = buffer.toString('latin1', 0, bytesRead)
  const begin = offset === 0 ? 0 : text.indexOf('\n') + 1
  if ((begin === 0 && offset > 0) || from + begin >= size) return undefined
  const end = text.indexOf('\n', begin)
  return [text.slice(begin, end === -1 ? undefined : end), from + begin]
}
