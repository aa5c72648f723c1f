import type { ReceivedEvent } from './client-types.ts'

/** Characters of one event; a stream that sends more without an end is not one of events. */
const longestEvent = 16_000_000

/** Server-Sent Events as they come (WHATWG HTML, 9.2.6). Leaving the loop ends the request; a broken connection throws. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ReceivedEvent, void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let pending = ''
  let length = 0
  let event = ''
  let id = ''
  let data: string[] = []
  try {
    while (true) {
      const { value, done } = await reader.read()
      if (done) return
      pending += decoder.decode(value, { stream: true })
      if (length + pending.length > longestEvent) throw new TypeError('An event is longer than 16 million characters.')
      // A carriage return at the end may be the first half of a line break.
      const lines = pending.split(/\r\n|\n|\r(?!$)/)
      pending = lines.pop() ?? ''
      for (const line of lines) {
        if (line !== '') {
          length += line.length
          take(line)
          continue
        }
        if (data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n'), id }
        event = ''
        data = []
        length = 0
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }

  function take(line: string): void {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }
}
