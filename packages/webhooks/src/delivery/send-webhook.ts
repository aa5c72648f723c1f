import type { IncomingMessage } from 'node:http'
import { currentSandbox, type Sandbox } from 'glueful'
import type { Target } from '../guard/resolve-target.ts'

/** What a receiver made of a webhook; `status` is null where no answer came. */
export interface SendResult {
  readonly status: number | null
  /** The beginning of the answer's body. */
  readonly body: string
  readonly error: string | undefined
}

export interface SendRequest {
  readonly target: Target
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
  /** What receivers see as the sender: firewalls refuse requests of nobody. */
  readonly userAgent: string
}

/** Bytes of an answer that are kept; the rest is not read. */
const mostAnswer = 4 * 1_024
/** How long the body of an answer is waited for once its status is known, in ms: the status is what counts. */
const bodyMs = 2_000

/** Sends one webhook to the one address that was judged; follows nothing, and holds no more than it keeps. In a sandbox it is captured. */
export function sendWebhook(request: SendRequest): Promise<SendResult> {
  const sandbox = currentSandbox()
  return sandbox === undefined ? send(request) : hold(sandbox, request)
}

async function hold(sandbox: Sandbox, { target, headers, body }: SendRequest): Promise<SendResult> {
  const answer = await sandbox.answer(new Request(target.url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body }))
  return { status: answer.status, body: (await answer.text()).slice(0, mostAnswer), error: undefined }
}

function send({ target, headers, body, timeoutMs, userAgent }: SendRequest): Promise<SendResult> {
  return new Promise((resolve) => {
    const { url, address, family } = target
    // Loaded by the first webhook; an `import` of node:http would load undici and HTTP/2 with it.
    const { request: open } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
    let timer = setTimeout(() => end({ status: null, body: '', error: `no answer within ${timeoutMs} ms` }), timeoutMs)
    const request = open(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'user-agent': userAgent, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), connection: 'close' },
      // Whatever the name answers by now: this connection goes where the judgement was passed.
      lookup: (_host, options, callback) => (options.all === true ? callback(null, [{ address, family }]) : callback(null, address, family)),
    })
    function end(result: SendResult): void {
      clearTimeout(timer)
      resolve(result)
      request.destroy()
    }
    request.on('error', (error: NodeJS.ErrnoException) => end({ status: null, body: '', error: error.code ?? error.message }))
    request.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      let size = 0
      const done = () => end({ status: response.statusCode ?? null, body: textOf(Buffer.concat(chunks).subarray(0, mostAnswer)), error: undefined })
      clearTimeout(timer)
      timer = setTimeout(done, Math.min(bodyMs, timeoutMs))
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size >= mostAnswer) done()
      })
      response.on('end', done).on('error', done).on('close', done)
    })
    request.end(body)
  })
}

/** What a database stores as text: no half characters, and no NUL, which PostgreSQL refuses. */
function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '')
}
