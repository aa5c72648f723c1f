import type { App } from '../app.ts'
import type { AppOverrides } from '../app/definition.ts'
import { createMemoryDestination } from '../foundation/logging/line-writer.ts'
import type { Event } from '../foundation/events/event.ts'
import type { Service } from '../foundation/services/service.ts'
import { givenStrategy, type Identity } from '../http/context/identity.ts'
import type { RouteTree } from '../http/context/route.ts'
import { createClient } from '../http/client/create-client.ts'
import type { RouteManifest } from '../http/client/manifest.ts'
import type { Problem } from '../http/problem/problem.ts'
import { createFrozenClock, type FrozenClock } from './frozen-clock.ts'
import type { TestClient, TestIdentity } from './test-client.ts'

export interface TestAppOptions extends Omit<AppOverrides, 'clock' | 'logDestination'> {
  /** A frozen clock of the test's own. */
  readonly clock?: FrozenClock
  /** The address that requests come from. Default: 127.0.0.1. */
  readonly address?: string
}

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

export interface TestApp<Routes extends RouteTree> {
  readonly app: App<Routes>
  /** Calls the application without a socket; typed from its routes. */
  readonly client: TestClient<Routes>
  /** Any request at all: a path, or a Request. */
  fetch(target: string | Request, init?: RequestInit): Promise<Response>
  readonly clock: FrozenClock
  /** Lines logged so far. */
  logs(): LogLine[]
  /** Payloads of an event emitted so far. */
  emitted<Payload>(event: Event<Payload>): readonly Payload[]
  swap<T>(token: Service<T>, value: T): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A second instance of an application for a test: environment `test`, no process environment, a frozen clock, logs and
 * events in memory, requests without a socket.
 *
 * @example
 * await using test = await testApp(app)
 * const answer = await test.client.cars.show({ params: { id } })
 */
export async function testApp<Routes extends RouteTree>(app: App<Routes>, options: TestAppOptions = {}): Promise<TestApp<Routes>> {
  const { address = '127.0.0.1', clock = createFrozenClock(), ...overrides } = options
  const destination = createMemoryDestination()
  const instance = app.with({ environment: 'test', env: {}, ...overrides, clock, logDestination: destination })
  const capture = instance.events().capture()
  await instance.ready()

  const fetchAs = (identity: Identity | undefined) => (target: string | Request, init?: RequestInit) =>
    instance.fetch(typeof target === 'string' ? new Request(new URL(target, 'http://localhost'), init) : target, {
      address,
      ...(identity === undefined ? {} : { identity }),
    })
  const clientAs = (identity: Identity | undefined): TestClient<Routes> => {
    const client = createClient<Routes>('http://localhost', { fetch: fetchAs(identity), routes: servedRoutes(instance), retries: 0 })
    return plain(
      client,
      identity === undefined ? (next: TestIdentity) => clientAs({ roles: [], scopes: [], strategy: givenStrategy, ...next }) : undefined,
    ) as TestClient<Routes>
  }
  return {
    app: instance,
    client: clientAs(undefined),
    fetch: fetchAs(undefined),
    clock,
    logs: () => destination.lines.map((line) => JSON.parse(line) as LogLine),
    emitted: (event) => capture.of(event),
    swap: (token, value) => instance.swap(token, value),
    close: () => instance.close(),
    [Symbol.asyncDispose]: () => instance.close(),
  }
}

/** Where the operations are, prefix and version included. */
function servedRoutes(app: Pick<App, 'routes'>): RouteManifest {
  return Object.fromEntries(app.routes().map(({ name, method, path }) => [name, { method, path }]))
}

type Operation = (input?: unknown) => Promise<{ ok: boolean; body?: unknown; error?: Problem }>

/** Results without the union: tests say what they expect. */
function plain(client: unknown, as: ((identity: TestIdentity) => unknown) | undefined): unknown {
  return new Proxy(client as Operation & Record<string, unknown>, {
    get: (target, key) => (key === 'as' && as !== undefined ? as : typeof key === 'symbol' || key === 'then' ? undefined : plain(target[key], undefined)),
    apply: async (target, _, [input]) => {
      const result = await target(input)
      return { ...result, body: result.ok ? result.body : result.error }
    },
  })
}
