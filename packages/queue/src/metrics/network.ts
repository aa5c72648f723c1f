import { readFile } from 'node:fs/promises'

export interface NetworkRate {
  readonly receivedBytesPerSecond: number
  readonly sentBytesPerSecond: number
}

let before: { readonly at: number; readonly received: number; readonly sent: number } | undefined

/** What the host's interfaces carried since the last look, loopback left out; undefined at first, and where no Linux tells. */
export async function readNetwork(now: number): Promise<NetworkRate | undefined> {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const after = { at: now, ...countBytes(text) }
  const last = before
  before = after
  const seconds = last === undefined ? 0 : (now - last.at) / 1_000
  if (last === undefined || seconds <= 0) return undefined
  // Counters of an interface that came or went are no traffic.
  const rate = (bytes: number) => Math.max(0, bytes) / seconds
  return { receivedBytesPerSecond: rate(after.received - last.received), sentBytesPerSecond: rate(after.sent - last.sent) }
}

/** Sums of all lines `eth0: RECEIVED packets … SENT packets …`. */
export function countBytes(text: string): { readonly received: number; readonly sent: number } {
  let received = 0
  let sent = 0
  for (const line of text.split('\n')) {
    const [name, numbers] = line.split(':')
    if (numbers === undefined || name?.trim() === 'lo') continue
    const columns = numbers.trim().split(/\s+/).map(Number)
    received += columns[0] ?? 0
    sent += columns[8] ?? 0
  }
  return { received, sent }
}
