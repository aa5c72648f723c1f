import { extname } from 'node:path'

interface FileKind {
  readonly extensions: readonly string[]
  readonly begins: (head: Buffer) => boolean
}

/** Bytes of a file that are enough to tell what it is. */
export const headLength = 16

const bytes =
  (...starts: readonly (readonly number[])[]) =>
  (head: Buffer) =>
    starts.some((start) => start.every((byte, at) => head[at] === byte))
const words =
  (at: number, ...found: readonly string[]) =>
  (head: Buffer) =>
    found.some((word) => head.toString('latin1', at, at + word.length) === word)
const both =
  (...parts: readonly ((head: Buffer) => boolean)[]) =>
  (head: Buffer) =>
    parts.every((part) => part(head))

// An empty archive has nothing but its end record.
const zip = bytes([0x50, 0x4b, 3, 4], [0x50, 0x4b, 5, 6])
const kind = (begins: FileKind['begins'], ...extensions: readonly string[]): FileKind => ({ begins, extensions })

/** How files of a media type begin, and how their names end. Types of text are not here: their contents begin like anything. */
const kinds: Readonly<Record<string, FileKind>> = {
  'application/gzip': kind(bytes([0x1f, 0x8b]), '.gz', '.tgz'),
  'application/pdf': kind(words(0, '%PDF-'), '.pdf'),
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': kind(zip, '.pptx'),
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': kind(zip, '.xlsx'),
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': kind(zip, '.docx'),
  'application/wasm': kind(words(0, '\0asm'), '.wasm'),
  'application/zip': kind(zip, '.zip'),
  'audio/mpeg': kind((head) => words(0, 'ID3')(head) || (head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0), '.mp3'),
  'audio/ogg': kind(words(0, 'OggS'), '.ogg', '.oga', '.opus'),
  'audio/wav': kind(both(words(0, 'RIFF'), words(8, 'WAVE')), '.wav'),
  'font/woff2': kind(words(0, 'wOF2'), '.woff2'),
  'image/avif': kind(words(4, 'ftypavif', 'ftypavis', 'ftypmif1', 'ftypmsf1'), '.avif'),
  'image/bmp': kind(words(0, 'BM'), '.bmp'),
  'image/gif': kind(words(0, 'GIF87a', 'GIF89a'), '.gif'),
  'image/heic': kind(words(4, 'ftyphei', 'ftyphev', 'ftypmif1', 'ftypmsf1'), '.heic'),
  'image/jpeg': kind(bytes([0xff, 0xd8, 0xff]), '.jpg', '.jpeg', '.jfif'),
  'image/png': kind(bytes([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), '.png'),
  'image/tiff': kind(bytes([0x49, 0x49, 0x2a, 0], [0x4d, 0x4d, 0, 0x2a]), '.tif', '.tiff'),
  'image/webp': kind(both(words(0, 'RIFF'), words(8, 'WEBP')), '.webp'),
  'video/mp4': kind(words(4, 'ftyp'), '.mp4', '.m4v'),
  'video/webm': kind(bytes([0x1a, 0x45, 0xdf, 0xa3]), '.webm'),
}

/** Whether contents may be of a media type; true for types that cannot be told by their first bytes. */
export function beginsLike(type: string, head: Buffer): boolean {
  return kinds[type]?.begins(head) ?? true
}

/** Whether a name may be of a file of that media type; true for names without extension, and for types that are not known. */
export function isNamedLike(type: string, filename: string): boolean {
  const extension = extname(filename).toLowerCase()
  return extension === '' || (kinds[type]?.extensions.includes(extension) ?? true)
}
