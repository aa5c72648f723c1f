import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Answer = number | 'hang' | 'reset' | 'redirect' | 'slow-body' | 'huge-body' | ((res: ServerResponse) => void)

/** A receiver on loopback that answers as it is told; `next` says how, for each webhook. */
export async function openReceiver(next: (received: ReceivedWebhook) => Answer = () => 204) {
  const received: ReceivedWebhook[] = []
  const followed: string[] = []
  let connections = 0
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      if (req.url === '/elsewhere') followed.push(req.url)
      const one = { headers: req.headers, body: Buffer.concat(chunks).toString() }
      received.push(one)
      answer(res, next(one))
    })
  })
  server.on('connection', () => void connections++)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    followed,
    get connections() {
      return connections
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

function answer(res: ServerResponse, how: Answer): void {
  if (typeof how === 'function') return how(res)
  if (typeof how === 'number') return void res.writeHead(how, { 'content-type': 'application/json' }).end(JSON.stringify({ token: 'hidden', status: how }))
  if (how === 'reset') return void res.socket?.resetAndDestroy()
  if (how === 'redirect') return void res.writeHead(301, { location: '/elsewhere' }).end()
  if (how === 'slow-body') return void res.writeHead(200).write('begun')
  if (how === 'huge-body') return void res.writeHead(200).end('x'.repeat(5_000_000))
}
