import { randomUUID } from 'node:crypto'

export interface Call {
  readonly path: string
  readonly init?: RequestInit
  /** Statuses that are an answer; any other is a failure. */
  readonly expected: readonly number[]
}

/** One hot path: what is prepared once, and the calls that users then make. */
export interface Scenario {
  prepare(base: string): Promise<(turn: number) => Call>
}

/** Clients come from many addresses, as they do through a proxy: the server runs with TRUST_PROXY=1. */
const from = (turn: number) => ({ 'x-forwarded-for': `198.51.100.${turn % 250}` })

const makes = ['vol', 'kia', 'bmw', 'fiat', 'audi', 'sko']

async function json<T>(response: Response): Promise<T> {
  if (!response.ok) throw new TypeError(`${response.url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

/** Buyers who look around: filters, words, orders and pages change from call to call. */
const search: Scenario = {
  prepare: async () => (turn) => {
    const query = new URLSearchParams({
      make: makes[turn % makes.length] as string,
      maxPrice: String(5_000 + (turn % 40) * 1_000),
      sort: turn % 2 === 0 ? 'price' : '-year',
      page: String(1 + (turn % 3)),
      ...(turn % 5 === 0 ? { q: 'winter' } : {}),
    })
    return { path: `/car-details/search?${query.toString()}`, init: { headers: from(turn) }, expected: [200] }
  },
}

async function signUp(base: string, turn: number): Promise<string> {
  const headers = { 'content-type': 'application/json', ...from(turn) }
  const post = (path: string, body: unknown) => fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) })
  const [email, password] = [`load-${randomUUID()}@example.com`, randomUUID()]
  await json(await post('/accounts', { name: 'Lo Ad', email, password, country: 'DE' }))
  return (await json<{ accessToken: string }>(await post('/auth/login', { login: email, password }))).accessToken
}

/** Many who want the same few cars: orders are captured until the stock is gone, and then refused. */
const orders: Scenario = {
  prepare: async (base) => {
    const buyers = await Promise.all(Array.from({ length: 40 }, (_, turn) => signUp(base, turn)))
    const { data } = await json<{ data: { id: string }[] }>(await fetch(`${base}/cars?perPage=100&sort=-price`))
    return (turn) => ({
      path: '/orders',
      init: {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${buyers[turn % buyers.length]}`,
          'idempotency-key': randomUUID(),
          ...from(turn),
        },
        body: JSON.stringify({ lines: [{ carId: data[turn % data.length]?.id, quantity: 1 }] }),
      },
      expected: [201, 409],
    })
  },
}

export const scenarios: Readonly<Record<string, Scenario>> = { search, orders }
