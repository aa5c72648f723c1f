import { createNodeDoor, type NodeDoorParts } from './node-door.ts'

export interface ListenOptions {
  /** 0 takes a free port. Default: PORT. */
  readonly port?: number
  /** Default: HOST. */
  readonly host?: string
  /**
   * When closing, how long idle connections are left open, in ms, so that requests on their way are answered.
   * Default: 1,000 in production, else 0.
   */
  readonly drainGrace?: number
}

export interface Listening {
  readonly port: number
  readonly host: string
  /** `http://127.0.0.1:3000`; a wildcard host is shown as localhost. */
  readonly url: string
  /** Requests whose answer has not been sent. */
  readonly inFlight: number
  /** Stops taking connections and waits for requests in flight; resolves with the number that had to be cut. */
  close(): Promise<number>
}

export interface ListenParts extends NodeDoorParts {
  readonly port: number
  readonly host: string
  readonly drainGrace: number
  /** Until requests in flight are cut, in ms. */
  readonly shutdownTimeout: number
}

/** Opens the socket door. */
export async function listen(parts: ListenParts): Promise<Listening> {
  const door = createNodeDoor(parts)
  const address = await door.listen(parts.port, parts.host)
  const shown = address.address === '::' || address.address === '0.0.0.0' ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address
  let closing: Promise<number> | undefined
  return {
    port: address.port,
    host: parts.host,
    url: `http://${shown}:${address.port}`,
    get inFlight() {
      return door.inFlight
    },
    close: () => (closing ??= door.drain(parts.shutdownTimeout, parts.drainGrace)),
  }
}
