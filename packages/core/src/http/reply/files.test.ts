import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp, type App } from '../../app.ts'
import { route } from '../context/route.ts'
import { reply } from './constructors.ts'
import { file, type FileOptions } from './file.ts'

const size = 200_000
const content = Buffer.from(Array.from({ length: size }, (_, at) => at % 251))
const old = new Date('2026-01-02T03:04:05.678Z')
let root = ''
let port = 0
let options: FileOptions & { readonly status?: number; readonly headers?: Record<string, string> } = {}
const logs: string[] = []

const answer = (path: string) => {
  const { status = 200, headers = {}, ...rest } = options
  const result = file(path, { root, ...rest })
  for (const [name, value] of Object.entries(headers)) result.set(name, value)
  return Object.assign(result, { status })
}

const app: App = createApp({
  name: 'files',
  routes: {
    show: route.get('/files/*path', ({ params }) => answer(params.path)),
    make: route.post('/files/*path', ({ params }) => answer(params.path)),
    named: route.get('/named', ({ header }) => answer(header('x-path') ?? '')),
    nul: route.get('/nul', () => answer('a\0.txt')),
    own: route.get('/own', () => file(join(root, 'ten.txt'))),
    late: route.get('/late', { timeout: 20 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 60))
      return answer('large.bin')
    }),
    health: route.get('/health', () => reply(200, 'ok')),
  },
}).with({ environment: 'test', env: {}, logDestination: { write: (line) => void logs.push(line), flush: () => {} } })

beforeAll(async () => {
  root = join(await realpath(await mkdtemp(join(tmpdir(), 'glueful-files-'))), 'public')
  await mkdir(join(root, 'sub'), { recursive: true })
  const write = async (name: string, data: string | Uint8Array) => {
    await writeFile(join(root, name), data)
    await utimes(join(root, name), old, old)
  }
  await write('ten.txt', '0123456789')
  await write('large.bin', content)
  await write('empty.txt', '')
  await write('page.HTML', '<p>')
  await write('sub/unknown.xyz', 'x')
  await write('..double', 'x')
  await mkdir(join(root, '.git'))
  await mkdir(join(root, '.well-known'))
  await write('.git/config', 'secret')
  await write('.env', 'secret')
  await write('.well-known/security.txt', 'Contact')
  await symlink(join(root, '.env'), join(root, 'shown.txt'))
  await write('../secret.txt', 'secret')
  await mkdir(join(root, '../public-too'))
  await write('../public-too/x.txt', 'secret')
  await symlink('../secret.txt', join(root, 'leak.txt'))
  await symlink('..', join(root, 'up'))
  await symlink('ten.txt', join(root, 'alias.txt'))
  await symlink('loop', join(root, 'loop'))
  execFileSync('mkfifo', [join(root, 'pipe')])
  port = (await app.listen({ port: 0, host: '127.0.0.1' })).port
})
afterAll(async () => {
  await app.close()
  await rm(join(root, '..'), { recursive: true })
})

interface Got {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
      res.on('end', () => resolve({ status: res.statusCode as number, headers: res.headers, body: Buffer.concat(chunks) }))
    })
    req.on('error', reject).end()
  })
}

async function having<T>(given: typeof options, run: () => Promise<T>): Promise<T> {
  options = given
  try {
    return await run()
  } finally {
    options = {}
  }
}

describe('a file', () => {
  test('is sent whole with length, type and validators', async () => {
    const { status, headers, body } = await get('/files/large.bin')
    expect([status, body.equals(content)]).toEqual([200, true])
    expect(headers).toMatchObject({
      'content-length': String(size),
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'cache-control': 'no-cache',
      'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
      etag: expect.stringMatching(/^"[\da-z]+-[\da-z]+-[\da-z]+"$/) as string,
    })
    expect(headers).not.toHaveProperty('content-disposition')
  })

  test.each([
    ['ten.txt', 'text/plain; charset=utf-8'],
    ['page.HTML', 'text/html; charset=utf-8'],
    ['sub/unknown.xyz', 'application/octet-stream'],
    ['.well-known/security.txt', 'text/plain; charset=utf-8'],
    ['alias.txt', 'text/plain; charset=utf-8'],
  ])('%s is %s', async (path, type) => {
    const { status, headers } = await get('/named', { 'x-path': path })
    expect([status, headers['content-type']]).toEqual([200, type])
  })

  test('may be described otherwise', async () => {
    const lastModified = new Date('2025-05-05T05:05:05Z')
    const { headers } = await having({ type: 'text/x', download: 'zehn ü.txt', maxAge: '90s', etag: 'W/"v1"', lastModified }, () => get('/files/ten.txt'))
    expect(headers).toMatchObject({
      'content-type': 'text/x',
      'content-disposition': `attachment; filename="zehn _.txt"; filename*=UTF-8''zehn%20%C3%BC.txt`,
      'cache-control': 'max-age=90',
      etag: 'W/"v1"',
      'last-modified': 'Mon, 05 May 2025 05:05:05 GMT',
    })
    const set = { 'cache-control': 'private', 'content-type': 'text/y' }
    expect((await having({ download: true, headers: set }, () => get('/files/ten.txt'))).headers).toMatchObject({
      ...set,
      'content-disposition': 'attachment; filename="ten.txt"',
    })
    const without = await having({ etag: false, lastModified: false }, () => get('/files/ten.txt', { 'if-modified-since': old.toUTCString() }))
    expect(without.status).toBe(200)
    expect(without.headers).not.toHaveProperty('etag')
    expect(without.headers).not.toHaveProperty('last-modified')
  })

  test('that is empty is sent, whatever range is asked for', async () => {
    const { status, headers, body } = await get('/files/empty.txt', { range: 'bytes=0-5' })
    expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0])
  })

  test('is described to HEAD and not read', async () => {
    const { status, headers, body } = await get('/files/large.bin', { range: 'bytes=0-1' }, 'HEAD')
    expect([status, headers['content-length'], body.length]).toEqual([200, String(size), 0])
  })

  test('has another tag after each change, a weak one while it is new, and no time in the future', async () => {
    const path = join(root, 'changing.txt')
    await writeFile(path, 'one')
    await utimes(path, new Date(), new Date(Date.now() + 60_000))
    const fresh = await get('/files/changing.txt')
    expect(fresh.headers['etag']).toMatch(/^W\/"/)
    expect(Date.parse(fresh.headers['last-modified'] as string)).toBeLessThanOrEqual(Date.now())
    await utimes(path, old, old)
    const first = await get('/files/changing.txt')
    await utimes(path, old, new Date(old.getTime() + 1))
    const second = await get('/files/changing.txt')
    expect(first.headers['etag']).toMatch(/^"/)
    expect(second.headers['etag']).toMatch(/^"/)
    expect(second.headers['etag']).not.toBe(first.headers['etag'])
    await rm(path)
  })

  test('without a root is what the application names', async () => {
    expect((await get('/own')).body.toString()).toBe('0123456789')
  })
})

describe('ranges', () => {
  test.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=5-500', '56789', 'bytes 5-9/10'],
    ['bytes=0-0,20-30', '0', 'bytes 0-0/10'],
  ])('%s is a part', async (range, text, contentRange) => {
    const { status, headers, body } = await get('/files/ten.txt', { range })
    expect([status, body.toString(), headers['content-range'], headers['content-length']]).toEqual([206, text, contentRange, String(text.length)])
    expect(headers).toHaveProperty('etag')
  })

  test('across chunks give exactly their bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), fc.nat(size - 1), async (a, b) => {
        const [start, end] = a < b ? [a, b] : [b, a]
        const { status, body } = await get('/files/large.bin', { range: `bytes=${start}-${end}` })
        expect([status, body.equals(content.subarray(start, end + 1))]).toEqual([206, true])
      }),
      { numRuns: 20 },
    )
  })

  test('several are parts of a multipart body, in the order asked for', async () => {
    const { status, headers, body } = await get('/files/ten.txt', { range: 'bytes=8-9, 0-1, -1' })
    const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(headers['content-type'] as string)?.[1] as string
    expect([status, headers['content-length'], headers['content-range']]).toEqual([206, String(body.length), undefined])
    const part = (range: string, text: string) =>
      `\r\n--${boundary}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-range: bytes ${range}/10\r\n\r\n${text}`
    expect(body.toString()).toBe(`${part('8-9', '89')}${part('0-1', '01')}${part('9-9', '9')}\r\n--${boundary}--\r\n`)
  })

  test.each(['bytes=3-1', 'lines=1-2', 'bytes=a', 'bytes=0-,0-,0-', `bytes=${'0-0,'.repeat(17)}`])('%s is answered with the whole', async (range) => {
    expect((await get('/files/ten.txt', { range })).status).toBe(200)
  })

  test.each(['bytes=10-', 'bytes=-0'])('%s is RANGE_NOT_SATISFIABLE', async (range) => {
    const { status, headers, body } = await get('/files/ten.txt', { range })
    expect([status, headers['content-range'], (JSON.parse(body.toString()) as { code: string }).code]).toEqual([416, 'bytes */10', 'RANGE_NOT_SATISFIABLE'])
  })

  test('hold only for the file that If-Range names', async () => {
    const etag = (await get('/files/ten.txt')).headers['etag'] as string
    const ask = async (ifRange: string) => (await get('/files/ten.txt', { range: 'bytes=0-0', 'if-range': ifRange })).status
    expect(await Promise.all([ask(etag), ask('Fri, 02 Jan 2026 03:04:05 GMT')])).toEqual([206, 206])
    expect(await Promise.all([ask('"other"'), ask(`W/${etag}`), ask('Fri, 02 Jan 2026 03:04:06 GMT'), ask('2026')])).toEqual([200, 200, 200, 200])
  })
})

describe('conditions', () => {
  test('that hold save the transfer, and the answer says what the whole would', async () => {
    const whole = await get('/files/ten.txt')
    const etag = whole.headers['etag'] as string
    for (const headers of [{ 'if-none-match': `"other", W/${etag}` }, { 'if-none-match': '*' }, { 'if-modified-since': old.toUTCString() }]) {
      const { status, headers: sent, body } = await get('/files/ten.txt', headers)
      expect([status, body.length, sent['etag'], sent['last-modified'], sent['cache-control'], sent['content-length'], sent['content-type']]).toEqual([
        304,
        0,
        etag,
        whole.headers['last-modified'],
        'no-cache',
        undefined,
        undefined,
      ])
    }
  })

  test('that fail are PRECONDITION_FAILED', async () => {
    for (const headers of [{ 'if-match': '"other"' }, { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }]) {
      const { status, body } = await get('/files/ten.txt', headers as Record<string, string>)
      expect([status, (JSON.parse(body.toString()) as { code: string }).code]).toEqual([412, 'PRECONDITION_FAILED'])
    }
  })

  test('come before ranges', async () => {
    const etag = (await get('/files/ten.txt')).headers['etag'] as string
    expect((await get('/files/ten.txt', { range: 'bytes=50-', 'if-none-match': etag })).status).toBe(304)
  })

  test('and ranges do not count where the file explains an error or answers a POST', async () => {
    const headers = { 'if-none-match': '*', range: 'bytes=0-0' }
    const error = await having({ status: 404 }, () => get('/files/ten.txt', headers))
    expect([error.status, error.body.toString()]).toEqual([404, '0123456789'])
    const post = await get('/files/ten.txt', headers, 'POST')
    expect([post.status, post.body.toString()]).toEqual([200, '0123456789'])
  })
})

describe('what is no file of the root is FILE_NOT_FOUND and says nothing of the disk', () => {
  test.each([
    'missing.txt',
    'missing/x',
    'ten.txt/x',
    'sub',
    '',
    '.',
    '/',
    '..',
    '../secret.txt',
    'sub/../../secret.txt',
    '../public-too/x.txt',
    'leak.txt',
    'up/secret.txt',
    'up/public/../secret.txt',
    'loop',
    'pipe',
    '.git/config',
    'sub/../.git/config',
    '.env',
    '..double',
    'shown.txt',
    'x'.repeat(5_000),
  ])('%.40j', async (path) => {
    const { status, body } = await get('/named', { 'x-path': path })
    expect([status, (JSON.parse(body.toString()) as { code: string }).code]).toEqual([404, 'FILE_NOT_FOUND'])
    expect(body.toString()).not.toMatch(/secret|glueful-files|ENOENT/)
  })

  test('what is hidden is given to who asks for it in code', async () => {
    options = { hidden: true }
    for (const path of ['.env', '.git/config', 'shown.txt', '..double']) expect((await get('/named', { 'x-path': path })).status).toBe(200)
    options = {}
  })

  test('NUL', async () => {
    expect((await get('/nul')).status).toBe(404)
  })

  test.each(['..%2fsecret.txt', '%2e%2e/secret.txt', '..%5csecret.txt', '%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd', 'a%00', '/etc/passwd'])(
    '%s in the path of a request',
    async (path) => {
      expect([400, 404]).toContain((await get(`/files/${path}`)).status)
    },
  )

  test('no path leaves the root', async () => {
    const segment = fc.constantFrom('..', '.', '', 'sub', 'up', 'public', 'secret.txt', 'public-too', 'x.txt', '\\', '~')
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 6 }), async (segments) => {
        expect((await get('/named', { 'x-path': segments.join('/') })).body.toString()).not.toBe('secret')
      }),
      { numRuns: 100 },
    )
  })
})

describe('descriptors', () => {
  const open = () => readdirSync('/proc/self/fd').length

  function abort(path: string, headers = ''): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`))
      socket.once('data', () => socket.destroy())
      socket.on('error', () => {}).once('close', () => resolve())
    })
  }

  test.skipIf(process.platform !== 'linux').each([
    ['whole', '/files/large.bin', ''],
    ['in parts', '/files/large.bin', 'range: bytes=0-60000,60001-120000\r\n'],
  ])('do not grow over 200 aborted downloads %s', async (_, path, headers) => {
    await get(path)
    const before = open()
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 10 }, () => abort(path, headers)))
    await vi.waitFor(() => expect(open()).toBeLessThanOrEqual(before + 2))
  })

  test.skipIf(process.platform !== 'linux')('are closed for what is not sent: 304, 404, 412, 416, HEAD, and answers that came too late', async () => {
    const before = open()
    for (let round = 0; round < 10; round++) {
      await get('/files/ten.txt', { 'if-none-match': '*' })
      await get('/files/ten.txt', { 'if-match': '"x"' })
      await get('/files/ten.txt', { range: 'bytes=99-' })
      await get('/files/ten.txt', {}, 'HEAD')
      await get('/files/sub')
      await get('/files/pipe')
    }
    expect((await get('/late')).status).toBe(504)
    await new Promise((resolve) => setTimeout(resolve, 80))
    await vi.waitFor(() => expect(open()).toBeLessThanOrEqual(before + 2))
  })
})

test('a file that becomes shorter while it is sent cuts the connection', async () => {
  const path = join(root, 'shrinking.bin')
  await writeFile(path, Buffer.alloc(20_000_000))
  const received = await new Promise<string>((resolve) => {
    let length = 0
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /files/shrinking.bin HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'))
    socket.once('data', () => {
      socket.pause()
      void truncate(path, 1_000).then(() => socket.resume())
    })
    socket.on('data', (chunk) => (length += chunk.length)).on('error', () => {})
    socket.on('close', () => resolve(length < 20_000_000 ? 'cut' : 'whole'))
  })
  expect(received).toBe('cut')
  await vi.waitFor(() => expect(logs.join('')).toContain('STREAM_BROKEN'))
  expect((await stat(path)).size).toBe(1_000)
})
