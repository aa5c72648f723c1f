import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { fail } from '../errors/catalog.ts'
import type { Sandbox } from './sandbox.ts'

let isHeld = false

/**
 * Lets nothing that runs in a sandbox out of the process: `fetch` is answered by the sandbox, requests of `node:http` and new
 * connections of any kind fail. Done once a process, with the first sandbox, and never undone: what a run has left
 * behind is held back too. Code outside of sandboxes pays a look at its context.
 */
export function holdNetwork(current: () => Sandbox | undefined): void {
  if (isHeld) return
  isHeld = true

  const send = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const sandbox = current()
    return sandbox === undefined ? send(input, init) : sandbox.answer(new Request(input, init))
  }

  // Also those that would go over a connection that is open.
  process.getBuiltinModule('node:diagnostics_channel').subscribe('http.client.request.created', (message) => {
    const sandbox = current()
    if (sandbox === undefined) return
    const { request } = message as { readonly request: ClientRequest }
    const to = `${request.method} ${request.protocol}//${request.host}${request.path.replace(/\?.*$/, '')}`
    request.destroy(refusal(to, () => sandbox.capture('http', to, { method: request.method, headers: request.getHeaders(), answer: null })))
  })

  const { Socket: Sockets } = process.getBuiltinModule('node:net')
  const connect = Reflect.get(Sockets.prototype, 'connect') as (this: Socket, ...args: unknown[]) => Socket
  Reflect.set(Sockets.prototype, 'connect', function (this: Socket, ...args: unknown[]) {
    const sandbox = current()
    if (sandbox === undefined) return connect.apply(this, args)
    const to = targetOf(args)
    // The request that an agent of node:http opens it for has been captured.
    const error = refusal(to, () => (isOfAgent(args) ? undefined : sandbox.capture('connection', to)))
    process.nextTick(() => this.destroy(error))
    return this
  })
}

/** Why it fails: because it is held back, or because the run is over. */
function refusal(to: string, capture: () => void): Error {
  try {
    capture()
    return fail('SANDBOX_CONNECTION_REFUSED', { to })
  } catch (error) {
    return error as Error
  }
}

type Target = { readonly host?: string; readonly port?: number; readonly path?: string; readonly agent?: unknown }

/** What `connect(options)`, `connect(port, host)` and `connect(path)` are told, also as `net.connect` hands them on. */
function targetOptions(args: readonly unknown[]): Target {
  const [first, second] = (Array.isArray(args[0]) ? args[0] : args) as readonly unknown[]
  if (typeof first === 'object' && first !== null) return first
  if (!/^\d+$/.test(String(first))) return { path: String(first) }
  return { port: Number(first), ...(typeof second === 'string' ? { host: second } : undefined) }
}

function targetOf(args: readonly unknown[]): string {
  const { host, port, path } = targetOptions(args)
  return port === undefined ? String(path) : `${host ?? 'localhost'}:${port}`
}

const isOfAgent = (args: readonly unknown[]) => 'agent' in targetOptions(args)
