import { fail } from '../errors/catalog.ts'

/** What a request of a sandboxed run is answered. */
export interface SandboxAnswer {
  /** From 200 to 599. Default: 200. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A text as it is, anything else as JSON. Default: `{}`. */
  readonly body?: unknown
}

const targetForm = /^([A-Z]+) (\/\S*|https?:\/\/\S+)$/

/**
 * Finds the answer of a request: of its URL before that of its path. The query does not count.
 * @throws `SANDBOX_ANSWER_INVALID`
 */
export function readAnswers(answers: Readonly<Record<string, SandboxAnswer>>) {
  for (const [target, answer] of Object.entries(answers)) {
    const refuse = (reason: string) => fail('SANDBOX_ANSWER_INVALID', { target: JSON.stringify(target).slice(0, 200), reason })
    if (!targetForm.test(target)) throw refuse('it is no method and path')
    if (typeof answer !== 'object' || answer === null) throw refuse('it is no object')
    const { status = 200, headers = {} } = answer
    if (!Number.isInteger(status) || status < 200 || status > 599) throw refuse(`its status is ${String(status)}`)
    if (!areHeaders(headers)) throw refuse('its headers are none')
  }
  return (method: string, url: string): { readonly answer: SandboxAnswer; readonly isGiven: boolean } => {
    const { origin, pathname } = new URL(url)
    const answer = answers[`${method} ${origin}${pathname}`] ?? answers[`${method} ${pathname}`]
    return { answer: answer ?? {}, isGiven: answer !== undefined }
  }
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    const read = new Headers(headers)
    return [...read.keys()].length > 0 || Object.keys(headers).length === 0
  } catch {
    return false
  }
}
