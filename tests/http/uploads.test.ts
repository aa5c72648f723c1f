import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { route, uploadedFile, type RouteOptions } from 'glueful'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { doorNames, openDoor } from './doors.ts'

// A folder for temporary files of this file's own, because others upload at the same time.
const temporary = mkdtempSync(join(tmpdir(), 'glueful-uploads-test-'))
process.env['TMPDIR'] = temporary
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

const uploadFolders = () => readdirSync(temporary).filter((name) => name.startsWith('glueful-upload-'))

const upload = (options: RouteOptions = {}, handle?: (file: { moveTo(path: string): Promise<void> }) => Promise<void>) =>
  route.post(
    '/upload',
    {
      accepts: ['multipart'],
      bodyLimit: '1mb',
      ...options,
      body: z.object({ photo: uploadedFile({ types: ['image/png'], maxSize: '500kb' }), caption: z.string().optional() }),
    },
    async ({ body }) => {
      const bytes = await body.photo.bytes()
      await handle?.(body.photo)
      return { name: body.photo.filename, type: body.photo.type, size: body.photo.size, start: bytes.subarray(0, 4).toString(), caption: body.caption ?? null }
    },
  )

const png = (rest: string) => Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from(rest)])

async function formOf(content: string | Uint8Array, type = 'image/png', filename = 'car.png', caption?: string) {
  const form = new FormData()
  form.append('photo', new Blob([content as string], { type }), filename)
  if (caption !== undefined) form.append('caption', caption)
  const request = new Request('http://x', { method: 'POST', body: form })
  return { headers: { 'content-type': request.headers.get('content-type') as string }, body: new Uint8Array(await request.arrayBuffer()) }
}

describe.each(doorNames)('uploads through the %s door', (name) => {
  test('a file and its fields reach the handler and leave nothing behind', async () => {
    const before = new Set(uploadFolders())
    await using door = await openDoor(name, { routes: { upload: upload() } })
    const answer = await door.send('POST', '/upload', await formOf(png('data'), 'image/png', '../../etc/passwd\u0007.png', 'Überraschung'))
    expect(answer.json()).toEqual({ name: 'passwd.png', type: 'image/png', size: 12, start: '\u{fffd}PNG', caption: 'Überraschung' })
    await expect.poll(() => uploadFolders().filter((folder) => !before.has(folder))).toEqual([])
  })

  test('moving keeps the file', async () => {
    const target = join(await mkdtemp(join(tmpdir(), 'glueful-kept-')), 'deep', 'photo.png')
    await using door = await openDoor(name, { routes: { upload: upload({}, (file) => file.moveTo(target)) } })
    await door.send('POST', '/upload', await formOf(png('kept')))
    expect(await readFile(target)).toEqual(png('kept'))
  })

  test.each<[string, RouteOptions, string | Uint8Array, number, string]>([
    ['a file over the schema’s size', {}, png('x'.repeat(600_000)), 422, 'VALIDATION_FAILED'],
    ['a file over the limit of files', { multipart: { fileSize: 100 } }, 'x'.repeat(200), 413, 'UPLOAD_LIMIT_EXCEEDED'],
    ['more than the whole may be', {}, 'x'.repeat(1_100_000), 413, 'BODY_TOO_LARGE'],
    ['no file allowed', { multipart: { files: 0 } }, 'x', 413, 'UPLOAD_LIMIT_EXCEEDED'],
  ])('%s is refused', async (_, options, content, status, code) => {
    const before = new Set(uploadFolders())
    await using door = await openDoor(name, { routes: { upload: upload(options) } })
    const answer = await door.send('POST', '/upload', await formOf(content))
    expect([answer.status, answer.json()['code']]).toEqual([status, code])
    await expect.poll(() => uploadFolders().filter((folder) => !before.has(folder))).toEqual([])
  })

  test('a field over its limit, and a type that is not accepted', async () => {
    await using door = await openDoor(name, { routes: { upload: upload({ multipart: { fieldSize: 5 } }) } })
    expect((await door.send('POST', '/upload', await formOf('x', 'image/png', 'a.png', 'too long'))).json()['code']).toBe('UPLOAD_LIMIT_EXCEEDED')
    const wrong = await door.send('POST', '/upload', await formOf('x', 'text/html'))
    expect(wrong.json()['errors']).toEqual([{ path: ['body', 'photo'], code: 'custom', message: 'Expected a file of type image/png' }])
  })

  test.each<[string, string | Uint8Array, string, string, string | undefined]>([
    ['what it says it is', png(''), 'image/png', 'car.PNG', undefined],
    ['without a name', png('x'), 'image/png', 'blob', undefined],
    ['a page that says it is a picture', '<script>alert(1)</script>', 'image/png', 'car.png', 'Expected contents of the declared type'],
    ['nothing', '', 'image/png', 'car.png', 'Expected contents of the declared type'],
    ['a picture that is called a program', png(''), 'image/png', 'car.php', 'Expected an extension of the declared type'],
    ['a picture that is called a program, behind another extension', png(''), 'image/png', 'car.png.exe', 'Expected an extension of the declared type'],
  ])('a file that is %s', async (_, content, type, filename, message) => {
    await using door = await openDoor(name, { routes: { upload: upload() } })
    const answer = await door.send('POST', '/upload', await formOf(content, type, filename))
    expect([answer.status, (answer.json()['errors'] as { message: string }[] | undefined)?.map((error) => error.message)]).toEqual(
      message === undefined ? [200, undefined] : [422, [message]],
    )
  })

  test('a body without boundary or cut short is INVALID_MULTIPART', async () => {
    const before = new Set(uploadFolders())
    await using door = await openDoor(name, { routes: { upload: upload() } })
    const none = await door.send('POST', '/upload', { headers: { 'content-type': 'multipart/form-data' }, body: 'x' })
    expect([none.status, none.json()['code']]).toEqual([400, 'INVALID_MULTIPART'])
    const form = await formOf('content that ends early')
    const cut = await door.send('POST', '/upload', { ...form, body: form.body.subarray(0, form.body.length - 60) })
    expect([cut.status, cut.json()['code']]).toEqual([400, 'INVALID_MULTIPART'])
    await expect.poll(() => uploadFolders().filter((folder) => !before.has(folder))).toEqual([])
  })

  const several = route.post(
    '/several',
    {
      accepts: ['multipart'],
      body: z.object({ photos: z.array(uploadedFile()).optional(), tags: z.array(z.string()).optional(), cover: uploadedFile().optional() }),
    },
    ({ body }) => ({ photos: body.photos?.map((photo) => photo.filename) ?? null, tags: body.tags ?? null, cover: body.cover?.filename ?? null }),
  )
  const multipart = (...parts: string[]) => ({
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: `${parts.map((part) => `--x\r\nContent-Disposition: form-data${part}\r\n`).join('')}--x--\r\n`,
  })
  const filePart = (name: string, filename: string, content: string) => `; name="${name}"; filename="${filename}"\r\n\r\n${content}`

  test('files of one field come in the order in which they were sent', async () => {
    await using door = await openDoor(name, { routes: { several } })
    const names = Array.from({ length: 8 }, (_, index) => `${index}.txt`)
    for (let round = 0; round < 10; round++) {
      const form = multipart(...names.map((filename, index) => filePart('photos', filename, 'x'.repeat(index === 0 ? 300_000 : 1))))
      expect((await door.send('POST', '/several', form)).json()['photos']).toEqual(names)
    }
  })

  test('one file and one field are lists of one where the schema wants lists', async () => {
    await using door = await openDoor(name, { routes: { several } })
    const answer = await door.send('POST', '/several', multipart(filePart('photos', 'a.txt', 'x'), '; name="tags"\r\n\r\nred'))
    expect(answer.json()).toEqual({ photos: ['a.txt'], tags: ['red'], cover: null })
  })

  test('a field of a form in which no file was chosen is missing; an empty file is a file', async () => {
    await using door = await openDoor(name, { routes: { several } })
    const none = await door.send('POST', '/several', multipart(filePart('cover', '', ''), filePart('photos', '', ''), filePart('photos', 'empty.txt', '')))
    expect(none.json()).toEqual({ photos: ['empty.txt'], tags: null, cover: null })
  })

  test.each([
    ['field', '\r\n\r\nred'],
    ['file', '; filename="a.txt"\r\n\r\nx'],
  ])('a %s without a name is INVALID_MULTIPART', async (_, part) => {
    await using door = await openDoor(name, { routes: { several } })
    const answer = await door.send('POST', '/several', multipart(part, filePart('photos', 'a.txt', 'x')))
    expect([answer.status, answer.json()['code']]).toEqual([400, 'INVALID_MULTIPART'])
  })

  test('uploads may be compressed; the limits are for what comes out', async () => {
    await using door = await openDoor(name, { routes: { several } })
    const compressed = async (form: ReturnType<typeof multipart>, compress: (text: string) => Uint8Array) =>
      door.send('POST', '/several', { headers: { ...form.headers, 'content-encoding': 'gzip' }, body: compress(form.body) })
    const form = multipart(filePart('photos', 'a.txt', 'x'))
    expect((await compressed(form, gzipSync)).json()['photos']).toEqual(['a.txt'])
    const bomb = await compressed(multipart(filePart('photos', 'a.txt', 'x'.repeat(5_000_000))), gzipSync)
    expect([bomb.status, bomb.json()['code']]).toEqual([413, 'BODY_TOO_LARGE'])
    const broken = await compressed(form, (text) => Buffer.from(text))
    expect([broken.status, broken.json()['code']]).toEqual([400, 'BODY_MALFORMED'])
    const unknown = await door.send('POST', '/several', { headers: { ...form.headers, 'content-encoding': 'zstd' }, body: form.body })
    expect([unknown.status, unknown.json()['code']]).toEqual([415, 'CONTENT_ENCODING_UNSUPPORTED'])
    await expect.poll(() => uploadFolders()).toEqual([])
  })
})

test('a client that leaves in the middle is BODY_ABORTED and leaves no file', async () => {
  const before = new Set(uploadFolders())
  await using door = await openDoor('socket', { routes: { upload: upload() } })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const form = await formOf('x'.repeat(50_000))
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: ${form.headers['content-type']}\r\nContent-Length: ${form.body.length}\r\n\r\n`)
      socket.write(form.body.subarray(0, 20_000), () => setTimeout(() => socket.destroy(), 50))
    })
    socket.on('close', () => resolve())
  })
  await expect.poll(() => door.logs.join('')).toContain('"status":400')
  await expect.poll(() => uploadFolders().filter((folder) => !before.has(folder))).toEqual([])
})

test('an upload that the disk does not take is UPLOAD_NOT_STORED', async () => {
  await using door = await openDoor('fetch', { routes: { upload: upload() } })
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = '/nowhere'
  try {
    const answer = await door.send('POST', '/upload', await formOf('x'))
    expect([answer.status, answer.json()['code']]).toEqual([507, 'UPLOAD_NOT_STORED'])
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
})

test('a disk that is full in the middle of an upload answers 507 and keeps nothing', { timeout: 30_000 }, async () => {
  const program = `
    import { mkdtempSync, readdirSync } from 'node:fs'
    import { setTimeout } from 'node:timers/promises'
    import { createApp, route, uploadedFile } from 'glueful'
    import { z } from 'zod'
    const routes = { upload: route.post('/upload', { accepts: ['multipart'], body: z.object({ photo: uploadedFile() }) }, () => 'kept') }
    const app = createApp({ name: 'full', routes }).with({ environment: 'test', env: { LOG_LEVEL: 'fatal' } })
    const ask = async (size) => {
      const form = new FormData()
      form.append('photo', new Blob(['x'.repeat(size)]), 'car.png')
      const response = await app.fetch(new Request('http://x/upload', { method: 'POST', body: form }))
      return [response.status, (await response.json()).code]
    }
    const answers = [await ask(200_000), await ask(100)]
    await app.close()
    // Files go when their requests have ended, which no answer waits for.
    const left = () => readdirSync(process.env.TMPDIR)
    for (let i = 0; i < 200 && left().length > 0; i++) await setTimeout(20)
    console.log(JSON.stringify({ answers, left: left() }))`
  const folder = await mkdtemp(join(tmpdir(), 'glueful-full-'))
  try {
    // A limit of 64 blocks for files stands for the disk; writes beyond it fail as on a full one.
    const node = [process.execPath, '--conditions=glueful-source', '--input-type=module', '--eval', program]
    const { stdout } = spawnSync('/bin/sh', ['-c', 'ulimit -f 64; exec "$@"', 'sh', ...node], {
      cwd: fileURLToPath(new URL('../../apps/marketplace/', import.meta.url)),
      env: { PATH: process.env['PATH'] ?? '', TMPDIR: folder },
      encoding: 'utf8',
    })
    expect(JSON.parse(stdout)).toEqual({
      answers: [
        [507, 'UPLOAD_NOT_STORED'],
        [200, null],
      ],
      left: [],
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})
