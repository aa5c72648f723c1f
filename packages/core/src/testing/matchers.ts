interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly error?: { readonly code?: string } | undefined
  readonly body?: unknown
}

interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/** For `expect.extend(matchers)` of Vitest or Jest; works on answers of the test client and on Responses. */
export const matchers = {
  toHaveStatus(received: Answer, status: number): Verdict {
    const said = received.body instanceof ReadableStream ? '' : `: ${JSON.stringify(received.body)?.slice(0, 500)}`
    return { pass: received.status === status, message: () => `expected status ${status}, received ${received.status}${said}` }
  },
  toBeProblem(received: Answer, code: string): Verdict {
    const found = received.error?.code
    return { pass: found === code, message: () => `expected the problem ${code}, received ${received.status} ${found ?? '(no problem document)'}` }
  },
  toHaveHeader(received: Answer, name: string, value?: string | RegExp): Verdict {
    const found = received.headers.get(name)
    const pass = found !== null && (value === undefined || (typeof value === 'string' ? found === value : value.test(found)))
    return { pass, message: () => `expected the header ${name}${value === undefined ? '' : ` to be ${String(value)}`}, received ${found ?? 'none'}` }
  },
}

/** Types for Vitest: `declare module 'vitest' { interface Matchers<T> extends GluefulMatchers<T> {} }` */
export interface GluefulMatchers<R = unknown> {
  toHaveStatus(status: number): R
  toBeProblem(code: string): R
  toHaveHeader(name: string, value?: string | RegExp): R
}
