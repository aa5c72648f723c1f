import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** As nginx has them: how long what still comes is taken, and how long nothing may come. In ms. */
const most = 30_000
const silence = 5_000

/**
 * Closes a connection on which the client is still sending a body that nobody reads in two steps (RFC 9112, 9.6): the
 * answer and the end of our side at once, and the connection when the body has come or the client has gone. Closed at
 * once, it would be reset, and clients that write before they read – Node's among them – would get an error instead of
 * the answer. `lingering` holds the connection meanwhile.
 */
export function lingerOnClose(req: IncomingMessage, lingering: Set<Socket>): void {
  const { socket } = req
  const close = socket.destroySoon.bind(socket)
  // What Node calls when the last answer of a connection has been handed to the system.
  socket.destroySoon = () => {
    if (req.complete || socket.destroyed) return close()
    lingering.add(socket)
    const limit = setTimeout(close, most).unref()
    socket.once('close', () => {
      clearTimeout(limit)
      lingering.delete(socket)
    })
    socket.setTimeout(silence, close)
    req.on('data', () => {})
    req.once('end', close)
    req.resume()
    socket.end()
  }
}
