import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAccessLog } from './access-log.ts'
import { createLogger } from './create-logger.ts'
import { createLineWriter, createMemoryDestination } from './line-writer.ts'
import { Secret } from '../settings/secret.ts'
import { createRedactor, type Redactor } from './redact.ts'

const clock = { now: () => 1_767_225_600_000, monotonic: () => 0 }

function logger(options: { format?: 'json' | 'pretty'; level?: 'info' | 'warn'; redactor?: Redactor } = {}) {
  const destination = createMemoryDestination()
  const log = createLogger({ level: 'info', format: 'json', destination, clock, ...options })
  return { log, lines: destination.lines, last: () => JSON.parse(destination.lines.at(-1) as string) as Record<string, unknown> }
}

test('a line has pino’s members, and a child adds its own', () => {
  const { log, last } = logger()
  log.child({ requestId: 'r1' }).info({ userId: 7 }, 'hello')
  expect(last()).toMatchObject({ level: 30, time: clock.now(), pid: process.pid, msg: 'hello', requestId: 'r1', userId: 7 })
})

test('levels below the least are not written', () => {
  const { log, lines } = logger({ level: 'warn' })
  log.info('no')
  log.error('yes')
  expect(lines).toHaveLength(1)
  expect([log.isEnabled('info'), log.isEnabled('fatal')]).toEqual([false, true])
})

describe('secrets', () => {
  test.each([
    'password',
    'Password',
    'access_token',
    'accessToken',
    'Authorization',
    'Set-Cookie',
    'api-key',
    'X-API-Key',
    'creditCard',
    'cvv',
    'private_key',
    'client_secret',
  ])('%s is masked at any depth', (name) => {
    const { log, lines } = logger()
    log.info({ [name]: 'hunter2', deep: { list: [{ [name]: 'hunter2' }] } }, 'x')
    expect(lines.join('')).not.toContain('hunter2')
  })

  test('names and paths of the application’s own are masked too', () => {
    const { log, last } = logger({ redactor: createRedactor(['iban'], ['body.note']) })
    log.info({ IBAN: 'DE1', body: { note: 'n', other: 'o' }, note: 'kept', secret: new Secret('s') }, 'x')
    expect(last()).toMatchObject({ IBAN: '[redacted]', body: { note: '[redacted]', other: 'o' }, note: 'kept', secret: '[redacted]' })
  })

  test('fields of errors are masked', () => {
    const { log, lines, last } = logger()
    log.error({ err: Object.assign(new Error('failed'), { config: { headers: { authorization: 'Bearer abc' } } }) }, 'x')
    expect(lines.join('')).not.toContain('Bearer abc')
    expect(last()['err']).toMatchObject({ type: 'Error', message: 'failed', stack: expect.stringContaining('logging.test.ts') })
  })
})

test('whatever is logged becomes one line of JSON', () => {
  const { log, lines } = logger()
  const cyclic: Record<string, unknown> = { n: 1n, f: () => 1, s: Symbol('s'), d: new Date(Number.NaN), b: Buffer.from('x'), m: new Map([[1, 2]]) }
  cyclic['self'] = cyclic
  Object.defineProperty(cyclic, 'bad', {
    enumerable: true,
    get: () => {
      throw new Error('getter')
    },
  })
  log.info(cyclic, 'line\nbreak\u2028')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.trim().split('\n')).toHaveLength(1)
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }), fc.string(), (value, message) => {
      lines.length = 0
      log.info({ value }, message)
      expect(JSON.parse(lines[0] as string)).toHaveProperty('msg', message)
      expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1)
    }),
  )
})

test('the access log is valid JSON whatever the request says', () => {
  const destination = createMemoryDestination()
  const access = createAccessLog({ destination, clock, format: 'json', base: { service: 'x' } })
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), fc.option(fc.string(), { nil: undefined }), (requestId, path, userId) => {
      destination.lines.length = 0
      access({ requestId, method: 'GET', path, route: undefined, status: 200, durationMs: 1.23456, bytes: 5, ip: '::1', userId })
      const line = JSON.parse(destination.lines[0] as string) as Record<string, unknown>
      expect(line).toMatchObject({ level: 30, requestId, path, durationMs: 1.235, service: 'x' })
      expect(line['userId']).toBe(userId)
    }),
  )
})

test('readable text shows what was thrown, be it an error or not', () => {
  const { log, lines } = logger({ format: 'pretty' })
  log.error({ err: 'text' }, 'Failed')
  log.error({ err: new RangeError('too far') }, 'Failed')
  expect(lines.join('')).toMatch(/Failed err=text\n[^]*Failed\nRangeError: too far\n {4}at /)
})

test('readable text has no line breaks of others', () => {
  const { log, lines } = logger({ format: 'pretty' })
  log.warn({ path: 'a\nFORGED' }, 'b\nFORGED')
  expect(
    lines
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('FORGED')),
  ).toEqual([])
  expect(lines[0]).toContain('WARN')
})

test('pino-pretty reads the lines', () => {
  const { log, lines } = logger()
  log.error({ err: new Error('boom'), requestId: 'r1' }, 'It failed')
  const script = createRequire(import.meta.url).resolve('pino-pretty/bin.js')
  const output = execFileSync(process.execPath, [script, '--colorize=false'], { input: lines.join(''), encoding: 'utf8' })
  expect(output).toMatch(/ERROR.*It failed/)
  expect(output).toContain('boom')
})

test('lines that wait when the process ends are written', () => {
  const script = `
    import { createLineWriter } from ${JSON.stringify(new URL('./line-writer.ts', import.meta.url).href)}
    const writer = createLineWriter(1)
    for (let i = 0; i < 5000; i++) writer.write('line ' + i + '\\n')
    process.exit(0)`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(stdout.trim().split('\n')).toHaveLength(5_000)
})

test('the first line after a quiet time is written at once, those of a busy time together', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'glueful-lines-'))
  const file = await open(join(folder, 'log'), 'a+')
  try {
    const writer = createLineWriter(file.fd)
    const content = () => readFile(join(folder, 'log'), 'utf8')
    writer.write('first\n')
    await expect.poll(content).toBe('first\n')
    for (let i = 0; i < 3; i++) writer.write(`${i}\n`)
    await expect.poll(content).toBe('first\n0\n1\n2\n')
    writer.write('last\n')
    writer.flush()
    expect(await content()).toMatch(/last\n$/)
  } finally {
    await file.close()
    await rm(folder, { recursive: true })
  }
})
