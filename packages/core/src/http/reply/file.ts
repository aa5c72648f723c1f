import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { Reply } from '../context/reply.ts'
import type { EntityTag } from './preconditions.ts'

export interface FileOptions {
  /** The folder that the path is relative to and that no link may leave. Needed where any part of the path comes from outside. */
  readonly root?: string
  /** Whether `root` also gives what is hidden in it: files and folders whose name begins with a dot, but `.well-known`. Default: false. */
  readonly hidden?: boolean
  /** Media type. Default: by extension, else `application/octet-stream`. */
  readonly type?: string
  /** Offers to save the file under this name (RFC 6266); `true` takes its own. */
  readonly download?: string | true
  /** How long caches may keep it. Default: they ask each time (`no-cache`). */
  readonly maxAge?: Duration
  /** Instead of the one made of size, time and inode; false for none. */
  readonly etag?: EntityTag | false
  /** Instead of the file's own time; false for none. */
  readonly lastModified?: Date | false
}

export interface FileSource extends Omit<FileOptions, 'maxAge'> {
  readonly path: string
  /** In whole seconds. */
  readonly maxAge: number | undefined
}

/**
 * Answers a file with its type, ETag and Last-Modified; conditional requests get 304 or 412, ranges 206 or 416
 * (RFC 9110, 13 and 14). Without `root` the path is the application's own; it is relative to the working directory.
 * @throws `FILE_NOT_FOUND` (404) for what does not exist, is no file, is hidden or lies outside `root`; `INVALID_DURATION`.
 *
 * @example
 * route.get('/photos/*name', ({ params }) => file(params.name, { root: 'photos', maxAge: '1d' }))
 */
export function file(path: string, options: FileOptions = {}): Reply<200, FileSource> {
  const { maxAge, ...rest } = options
  return new Reply(200, 'file', { path, ...rest, maxAge: maxAge === undefined ? undefined : Math.floor(parseDuration(maxAge, 'maxAge') / 1000) })
}
