import cluster from 'node:cluster'
import type { Logger } from '../foundation/logging/logger.ts'

/** What `serve` needs of an application. */
export interface Servable {
  listen(options?: { port?: number; host?: string }): Promise<{ readonly url: string }>
  close(): Promise<void>
}

export interface ServeOptions {
  readonly port?: number
  readonly host?: string
  readonly log: () => Logger
  readonly onListening?: (url: string) => void
}

/**
 * Serves until SIGTERM, SIGINT or the message `shutdown` of a process manager, then drains and resolves with the exit code:
 * 0 after a clean drain, 1 when something could not be closed. A second signal ends the process at once. A process manager
 * that started the process with a channel (PM2's `wait_ready`, whether it forks or clusters) is sent `ready` when requests can come.
 */
export async function serve(app: Servable, options: ServeOptions): Promise<number> {
  const { port, host, log } = options
  const signal = untilSignal()
  process.on('uncaughtException', (error) => {
    // The state of the process is unknown from here on: say why and make room for a new one.
    log().fatal({ err: error }, 'Uncaught error; the process ends')
    process.exit(1)
  })
  const listening = await app.listen({ ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) })
  options.onListening?.(listening.url)
  // PM2 runs what it clusters as workers too, and waits for the same word.
  if (process.connected) process.send?.('ready')
  const name = await signal
  log().info({ signal: name }, 'Draining')
  try {
    await app.close()
    return 0
  } catch (error) {
    log().error({ err: error }, 'The application could not be closed cleanly')
    return 1
  }
}

function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    let seen = false
    const onSignal = (name: string) => {
      if (seen) process.exit(1)
      seen = true
      resolve(name)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
    // PM2's `shutdown_with_message`, for systems without signals.
    const onMessage = (message: unknown) => {
      if (message === 'shutdown') onSignal('shutdown message')
    }
    process.on('message', onMessage)
    // Waiting for messages must not keep a process from ending; a worker of a cluster gets its socket through the channel.
    if (!cluster.isWorker) process.channel?.unref()
  })
}
