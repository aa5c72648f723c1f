import { createServer, type AddressInfo } from 'node:net'

/** An SMTP server that keeps what it is sent, as far as RFC 5321 asks of one that takes everything. */
export interface SmtpSink {
  readonly url: string
  /** Whole messages, headers and all. */
  readonly messages: readonly string[]
  /** Answers the next mails with a temporary failure. */
  refuse(times: number): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openSmtpSink(): Promise<SmtpSink> {
  const messages: string[] = []
  let refusals = 0
  const server = createServer((socket) => {
    let text = ''
    let data = false
    const say = (line: string) => socket.write(`${line}\r\n`)
    say('220 sink ESMTP')
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (data) {
        const end = text.indexOf('\r\n.\r\n')
        if (end === -1) return
        messages.push(text.slice(0, end))
        text = text.slice(end + 5)
        data = false
        return say('250 taken')
      }
      for (let end = text.indexOf('\r\n'); end !== -1 && !data; end = text.indexOf('\r\n')) {
        const command = text.slice(0, 4).toUpperCase()
        text = text.slice(end + 2)
        if (command === 'EHLO' || command === 'HELO') say('250 sink')
        else if (command === 'MAIL' && refusals > 0) {
          refusals--
          say('451 later')
        } else if (command === 'DATA') {
          data = true
          say('354 go on')
        } else if (command === 'QUIT') {
          say('221 bye')
          socket.end()
        } else say('250 ok')
      }
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    refuse: (times) => void (refusals = times),
    close,
    [Symbol.asyncDispose]: close,
  }
}
