import type { Client } from 'pg'
import { fail } from '../../errors.ts'
import { quoteIdentifier } from '../../sql/quote-identifier.ts'
import type { Subscribe } from '../driver.ts'

export interface PostgresListener {
  readonly subscribe: Subscribe
  close(): Promise<void>
}

interface Listener {
  readonly onMessage: (payload: string) => void
  readonly onGap: (() => void) | undefined
}

const longestPause = 5_000

/** LISTEN on a connection of its own, opened when somebody first listens and again whenever it is lost. */
export function createPostgresListener(connect: () => Promise<Client>): PostgresListener {
  const channels = new Map<string, Set<Listener>>()
  let client: Promise<Client> | undefined
  let closed = false
  let again: NodeJS.Timeout | undefined

  async function open(): Promise<Client> {
    const opened = await connect()
    opened.on('notification', ({ channel, payload = '' }) => {
      for (const listener of channels.get(channel) ?? []) listener.onMessage(payload)
    })
    let lost = false
    const lose = () => {
      if (lost) return
      lost = true
      client = undefined
      reopen(100)
    }
    opened.on('error', lose)
    opened.on('end', lose)
    for (const channel of channels.keys()) await opened.query(`listen ${quoteIdentifier(channel, 'postgres')}`)
    return opened
  }

  function current(): Promise<Client> {
    if (client === undefined) {
      const opening = open()
      client = opening
      // The next one to ask tries again.
      opening.catch(() => {
        if (client === opening) client = undefined
      })
    }
    return client
  }

  function reopen(pause: number): void {
    if (closed || channels.size === 0) return
    clearTimeout(again)
    again = setTimeout(() => {
      current().then(
        () => {
          for (const listeners of channels.values()) for (const listener of listeners) listener.onGap?.()
        },
        () => reopen(Math.min(pause * 2, longestPause)),
      )
    }, pause).unref()
  }

  async function unsubscribe(channel: string, listener: Listener): Promise<void> {
    const listeners = channels.get(channel)
    if (listeners === undefined || !listeners.delete(listener) || listeners.size > 0) return
    channels.delete(channel)
    if (client === undefined) return
    // Where the connection is lost, nothing listens any more.
    await client.then((open) => open.query(`unlisten ${quoteIdentifier(channel, 'postgres')}`)).catch(() => undefined)
  }

  return {
    async subscribe(channel, onMessage, onGap) {
      if (closed) throw fail('DATABASE_CLOSED', undefined)
      // An object of its own, so that the same function may listen twice.
      const listener = { onMessage, onGap }
      const listeners = channels.get(channel) ?? new Set<Listener>()
      const first = listeners.size === 0
      channels.set(channel, listeners.add(listener))
      try {
        const before = client
        const open = await current()
        // A connection made just now listens to everything already.
        if (first && before !== undefined) await open.query(`listen ${quoteIdentifier(channel, 'postgres')}`)
      } catch (error) {
        await unsubscribe(channel, listener)
        throw error
      }
      return () => unsubscribe(channel, listener)
    },
    async close() {
      closed = true
      clearTimeout(again)
      channels.clear()
      const open = await client?.catch(() => undefined)
      await open?.end()
    },
  }
}
