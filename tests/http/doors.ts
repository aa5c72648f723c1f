import { connect, type Socket } from 'node:net'
import { request as httpRequest } from 'node:http'
import { createApp, type App, type AppDefinition, type AppOverrides, type RouteTree } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: () => Record<string, unknown>
}

export interface Door {
  readonly app: App
  readonly logs: readonly string[]
  send(method: string, path: string, options?: { headers?: Record<string, string>; body?: string | Uint8Array }): Promise<Answer>
  [Symbol.asyncDispose](): Promise<void>
}

export type DoorName = 'socket' | 'fetch'
export const doorNames = ['socket', 'fetch'] as const

/** The application behind one of its doors, so that one test speaks for both. */
export async function openDoor(name: DoorName, definition: Partial<AppDefinition> & { routes: RouteTree }, overrides: AppOverrides = {}): Promise<Door> {
  const destination = createMemoryDestination()
  const app = createApp({ name: 'test', ...definition }).with({ environment: 'test', env: {}, logDestination: destination, ...overrides })
  const close = { logs: destination.lines, [Symbol.asyncDispose]: () => app.close() }
  if (name === 'fetch') {
    return {
      app,
      ...close,
      send: async (method, path, options = {}) => {
        const init = { method, headers: options.headers ?? {}, ...(options.body === undefined ? {} : { body: options.body as string }) }
        const response = await app.fetch(new Request(`http://localhost${path}`, init), { address: '127.0.0.1' })
        return toAnswer(response.status, response.headers, await response.text())
      },
    }
  }
  const { port } = await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, ...close, send: (method, path, options) => sendOverSocket(port, method, path, options) }
}

export function sendOverSocket(
  port: number,
  method: string,
  path: string,
  options: { headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = httpRequest({ host: '127.0.0.1', port, method, path, headers: options.headers ?? {}, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const headers = new Headers()
        for (let i = 0; i < res.rawHeaders.length; i += 2) headers.append(res.rawHeaders[i] as string, res.rawHeaders[i + 1] as string)
        resolve(toAnswer(res.statusCode as number, headers, Buffer.concat(chunks).toString()))
      })
    })
    req.on('error', reject)
    req.end(options.body)
  })
}

/** Sends bytes as they are and resolves with all that comes back until the server closes. */
export function sendRaw(port: number, ...pieces: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece)
    })
    let text = ''
    socket.on('data', (chunk) => void (text += chunk.toString('latin1')))
    socket.on('close', () => resolve(text))
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error)))
  })
}

function toAnswer(status: number, headers: Headers, text: string): Answer {
  return { status, headers, text, json: () => JSON.parse(text) as Record<string, unknown> }
}
