import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConstantHeaders } from '../context/constant-headers.ts'
import { Reply } from '../context/reply.ts'
import { sendNode } from './send-node.ts'

type Pairs = readonly (readonly [string, string])[]
let answer: (req: IncomingMessage, res: ServerResponse) => void = () => {}
const server = createServer((req, res) => answer(req, res))
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))

function ask(headers: Record<string, string> = {}): Promise<{ status: number; phrase: string; raw: string[]; body: string }> {
  return new Promise((resolve, reject) => {
    request({ port: (server.address() as AddressInfo).port, headers }, (res) => {
      let body = ''
      res.setEncoding('latin1')
      res.on('data', (chunk: string) => void (body += chunk))
      res.on('end', () => resolve({ status: res.statusCode as number, phrase: res.statusMessage as string, raw: res.rawHeaders, body }))
    })
      .on('error', reject)
      .end()
  })
}

const send = (res: ServerResponse, status: number, text: string, constant: Pairs, own: Pairs, extra: Pairs) =>
  sendWith(new ConstantHeaders(constant.flat()), res, status, text, own, extra)

const sendWith = (constant: ConstantHeaders, res: ServerResponse, status: number, text: string, own: Pairs, extra: Pairs) =>
  sendNode(res, { method: 'GET' }, new Encoded(status, text, own.flat()), constant, extra.flat())

/** Without the date; Content-Length, which Node writes last, apart. */
function comparable({ raw, ...rest }: Awaited<ReturnType<typeof ask>>) {
  const fields = raw.filter((_, index) => index % 2 === 0).map((name, index) => [name, raw[index * 2 + 1] as string] as const)
  const isLength = ([name]: readonly [string, string]) => name.toLowerCase() === 'content-length'
  return { ...rest, lengths: fields.filter(isLength).map(([, value]) => value), fields: fields.filter((field) => field[0] !== 'Date' && !isLength(field)) }
}

class Encoded extends Reply {
  constructor(status: number, text: string, headers: string[]) {
    super(status, 'text', text, headers)
    this.payload = text
    this.encoded = true
  }
}

test('the head is what Node would have written, whatever names and values meet in it', async () => {
  const name = fc.constantFrom('a', 'b', 'vary', 'set-cookie', 'content-type', 'connection', 'content-length', 'date', 'x-request-id', 'bad name', '')
  const value = fc.oneof(fc.constantFrom('1', 'close', 'keep-alive', 'bad\r\nvalue', 'é', ' ', '€'), fc.string({ unit: 'grapheme-ascii', maxLength: 8 }))
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(pairs, pairs, pairs, fc.constantFrom(200, 201, 404, 299, 599), fc.string({ maxLength: 5 }), async (constant, own, extra, status, text) => {
      answer = (_, res) => send(res, status, text, constant, own, extra)
      const direct = await ask()
      answer = (_, res) => {
        // Whoever wraps writeHead is asked.
        const { writeHead } = res
        res.writeHead = ((...parts: Parameters<typeof writeHead>) => writeHead.apply(res, parts)) as typeof writeHead
        send(res, status, text, constant, own, extra)
      }
      const plain = await ask()
      expect(comparable(direct)).toEqual(comparable(plain))
    }),
    { numRuns: 200 },
  )
})

test('what a route answered before changes nothing', async () => {
  const name = fc.constantFrom('a', 'vary', 'set-cookie', 'content-type', 'connection', 'bad name')
  const value = fc.constantFrom('1', '2', 'close', 'bad\r\nvalue', 'é')
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 3 })
  const answers = fc.array(fc.tuple(pairs, pairs, fc.constantFrom(200, 404)), { minLength: 2, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(pairs, answers, async (constant, list) => {
      const kept = new ConstantHeaders(constant.flat())
      for (const [own, extra, status] of list) {
        answer = (_, res) => sendWith(kept, res, status, 'text', own, extra)
        const again = await ask()
        answer = (_, res) => send(res, status, 'text', constant, own, extra)
        const first = await ask()
        expect(comparable(again)).toEqual(comparable(first))
      }
    }),
    { numRuns: 60 },
  )
})

test('headers that somebody set on the response itself are sent too', async () => {
  answer = (_, res) => {
    res.setHeader('server-timing', 'db;dur=1')
    send(res, 200, 'text', [['a', '1']], [['b', '2']], [])
  }
  const { raw } = await ask()
  expect(raw).toEqual(expect.arrayContaining(['server-timing', 'db;dur=1', 'a', '1', 'b', '2']))
})

test('text beyond ASCII is UTF-8, and its length is in bytes', async () => {
  answer = (_, res) => send(res, 200, 'grün', [], [], [])
  const { body, raw } = await ask()
  expect(Buffer.from(body, 'latin1').toString()).toBe('grün')
  expect(raw[raw.map((name) => name.toLowerCase()).indexOf('content-length') + 1]).toBe('5')
})
