import { createServer } from 'node:http'
import { createVerifier } from 'fast-jwt'
import { pino } from 'pino'
import prom from 'prom-client'
import { randomUUID } from 'node:crypto'
import { openSync } from 'node:fs'
import { Car, allowedOrigin, announce, fillers, limit, postOf, scenario, secret } from './workload.ts'

const exact = new Map<string, string>(fillers.map((path) => [path, '{}']))
const json = { 'content-type': 'application/json; charset=utf-8' }

function plain(url: string): unknown {
  if (url === '/hello') return { hello: 'world' }
  const [, section, user, , post] = url.split('/')
  return section === 'users' && user !== undefined && post !== undefined ? postOf(user, post) : exact.get(url)
}

const log = pino({ level: 'info' }, pino.destination({ fd: openSync('/dev/null', 'w'), sync: false }))
const verify = createVerifier({ key: secret, cache: 1_000 })
const total = new prom.Counter({ name: 'requests_total', help: 'requests', labelNames: ['route', 'method', 'status'] })
const duration = new prom.Histogram({ name: 'duration_seconds', help: 'duration', labelNames: ['route', 'method'] })
const counts = new Map<string, number>()

const server = createServer((req, res) => {
  const url = req.url as string
  if (scenario === 'validated') {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const parsed = Car.safeParse(JSON.parse(Buffer.concat(chunks).toString()))
      const body = JSON.stringify(parsed.success ? { id: 'x', ...parsed.data } : parsed.error.issues)
      res.writeHead(parsed.success ? 201 : 422, { ...json, 'content-length': Buffer.byteLength(body) })
      res.end(body)
    })
    return
  }
  if (scenario === 'production') {
    const started = performance.now()
    const id = (req.headers['x-request-id'] as string | undefined) ?? randomUUID()
    const user = verify(req.headers.authorization?.slice(7) ?? '') as { sub: string }
    const used = (counts.get(user.sub) ?? 0) + 1
    counts.set(user.sub, used)
    const body = JSON.stringify(plain(url))
    res.writeHead(200, {
      ...json,
      'content-length': Buffer.byteLength(body),
      'x-request-id': id,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      vary: 'origin',
      'access-control-allow-origin': allowedOrigin,
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - used),
      'x-ratelimit-reset': '60',
    })
    res.end(body)
    const seconds = (performance.now() - started) / 1000
    total.inc({ route: '/users/:id/posts/:post', method: 'GET', status: 200 })
    duration.observe({ route: '/users/:id/posts/:post', method: 'GET' }, seconds)
    log.info(
      {
        requestId: id,
        method: req.method,
        path: url,
        status: 200,
        durationMs: seconds * 1000,
        bytes: body.length,
        ip: req.socket.remoteAddress,
        userId: user.sub,
      },
      'request',
    )
    return
  }
  const found = plain(url)
  const body = JSON.stringify(found ?? { error: 'not found' })
  res.writeHead(found === undefined ? 404 : 200, { ...json, 'content-length': Buffer.byteLength(body) })
  res.end(body)
})
server.listen(0, '127.0.0.1', () => announce((server.address() as { port: number }).port))
