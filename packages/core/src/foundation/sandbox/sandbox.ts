import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../clock.ts'
import { fail } from '../errors/catalog.ts'
import { readAnswers, type SandboxAnswer } from './sandbox-answer.ts'
import { holdNetwork } from './hold-network.ts'

/** What a sandboxed run would have done to the world. */
export interface SandboxEffect {
  /** `http`, `connection`, `dispatch`, `queue`, `webhook`, `cache`; of one's own: `mail`. */
  readonly kind: string
  /** In one line. */
  readonly summary: string
  /** All there is to know; as it was given, not redacted. */
  readonly detail: unknown
  /** ms since the run began. */
  readonly atMs: number
}

/** Work whose effects are held back, as the code inside finds it by `currentSandbox()`. */
export interface Sandbox {
  /**
   * Takes an effect instead of letting it happen.
   *
   * @example
   * const sandbox = currentSandbox()
   * if (sandbox !== undefined) return sandbox.capture('mail', `to ${mail.to}`, mail)
   *
   * @throws `SANDBOX_ENDED`
   */
  capture(kind: string, summary: string, detail?: unknown): void
  /** Takes a request, and answers it as the run was told to: by default with 200 and `{}`. @throws `SANDBOX_ENDED` */
  answer(request: Request): Promise<Response>
}

/** A sandbox as whoever made it sees it. */
export interface OwnSandbox extends Sandbox {
  /** In order; the first of them where there were too many. */
  readonly effects: readonly SandboxEffect[]
  /** How many there were. */
  readonly count: number
  /** Refuses whatever still goes on inside. */
  end(): void
}

export interface SandboxOptions {
  readonly clock: Clock
  /** What requests are answered, by `METHOD /path` or `METHOD https://host/path`. Default: 200 and `{}`. */
  readonly answers?: Readonly<Record<string, SandboxAnswer>>
  /** Effects that are kept. Default: 200. */
  readonly keep?: number
}

const storage = new AsyncLocalStorage<Sandbox | undefined>()
/** Characters of a body that are kept. */
const mostBody = 16_384

/** The sandbox that this code runs in; undefined outside of any. */
export function currentSandbox(): Sandbox | undefined {
  return storage.getStore()
}

/**
 * Runs `work` in a sandbox: requests of `fetch`, `createHttpClient` and `node:http` are captured and not sent, no connection
 * is opened, the cache is read and not written, and code that asks `currentSandbox()` holds back what it would send.
 * Databases are not its business: see `runTrial` of `@glueful/database`.
 */
export function runInSandbox<T>(sandbox: Sandbox, work: () => T): T {
  holdNetwork(currentSandbox)
  return storage.run(sandbox, work)
}

/** For what a process does for all, whoever happens to be the first to ask for it: connections of a pool. */
export function outsideSandbox<T>(work: () => T): T {
  return storage.getStore() === undefined ? work() : storage.run(undefined, work)
}

/** @throws `SANDBOX_ANSWER_INVALID` */
export function createSandbox({ clock, answers = {}, keep = 200 }: SandboxOptions): OwnSandbox {
  const answerOf = readAnswers(answers)
  const started = clock.monotonic()
  const effects: SandboxEffect[] = []
  let count = 0
  let hasEnded = false

  function capture(kind: string, summary: string, detail?: unknown): void {
    if (hasEnded) throw fail('SANDBOX_ENDED', { what: `${kind} ${summary}` })
    count++
    if (effects.length < keep) effects.push({ kind, summary, detail, atMs: clock.monotonic() - started })
  }

  return {
    effects,
    get count() {
      return count
    },
    capture,
    async answer(request) {
      const { method, url } = request
      const text = await request.text()
      const { answer, isGiven } = answerOf(method, url)
      const { origin, pathname } = new URL(url)
      capture('http', `${method} ${origin}${pathname}`, {
        method,
        url,
        headers: Object.fromEntries(request.headers),
        body: readable(text),
        answer: { status: answer.status ?? 200, madeUp: !isGiven },
      })
      return toResponse(answer)
    },
    end: () => void (hasEnded = true),
  }
}

/** JSON as what it says, so that its secrets are found by their names. */
function readable(text: string): unknown {
  if (text === '') return undefined
  if (text.length > mostBody) return `${text.slice(0, mostBody)}… (${text.length} characters)`
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function toResponse({ status = 200, headers = {}, body = {} }: SandboxAnswer): Response {
  const hasBody = status !== 204 && status !== 205 && status !== 304
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new Response(hasBody ? text : null, { status, headers: { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers } })
}
