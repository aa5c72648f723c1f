/** A request that was recorded. */
export interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly text: string
}

type FakeAnswer = Response | Error | ((request: Request) => Response | Promise<Response>)

/** Stands for the network in tests: `createHttpClient({ fetch: fake.fetch, … })`. */
export interface FakeHttp {
  readonly fetch: (request: Request) => Promise<Response>
  /** Answers `METHOD /path` – in order where it is given several times, the last one for good. */
  on(target: string, ...answers: FakeAnswer[]): FakeHttp
  /** What was asked, in order. */
  readonly requests: readonly RecordedRequest[]
}

/** Records what is sent and answers what it was told to; anything else is answered with 501, so that a test sees it. */
export function createFakeHttp(): FakeHttp {
  const answers = new Map<string, FakeAnswer[]>()
  const requests: RecordedRequest[] = []
  const fake: FakeHttp = {
    requests,
    on: (target, ...given) => {
      answers.set(target, [...(answers.get(target) ?? []), ...given])
      return fake
    },
    fetch: async (request) => {
      requests.push({ method: request.method, url: request.url, headers: request.headers, text: await request.clone().text() })
      const target = `${request.method} ${new URL(request.url).pathname}`
      const list = answers.get(target) ?? []
      const answer = list.length > 1 ? list.shift() : list[0]
      if (answer === undefined) return new Response(`Nothing is prepared for ${target}`, { status: 501 })
      if (answer instanceof Error) throw answer
      return typeof answer === 'function' ? answer(request) : answer.clone()
    },
  }
  return fake
}
