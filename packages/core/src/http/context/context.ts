import type { Readable } from 'node:stream'
import type { Clock } from '../../foundation/clock.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Emit } from '../../foundation/events/event.ts'
import type { Logger } from '../../foundation/logging/logger.ts'
import type { Service, Use } from '../../foundation/services/service.ts'
import { Authorizer } from './authorizer.ts'
import type { BodySource } from './body-source.ts'
import { noConstantHeaders, type ConstantHeaders } from './constant-headers.ts'
import { parseCookies } from './cookies.ts'
import { tagSignal } from './draining.ts'
import type { Identity } from './identity.ts'
import { parseQuery } from './query.ts'
import { secretsOf } from './request-secrets.ts'
import type { CompiledRoute } from './route.ts'
import type { Origin, Peer, Runtime } from './runtime.ts'

/** What every handler and stage can use, whatever the route's schemas are. */
export interface RequestTools {
  readonly method: string
  /** The path as it was matched: decoded once, without the query. */
  readonly path: string
  /** The query as it was sent, without `?`. */
  readonly search: string
  /** The client's address: the socket's, or what a trusted proxy says. */
  readonly ip: string
  /** `https` or `http`: the connection's, or what a trusted proxy says. */
  readonly protocol: string
  /** Host and port the client asked for. */
  readonly host: string
  readonly requestId: string
  /** The route that answers; undefined while none is found. */
  readonly route: CompiledRoute | undefined
  /** The version of the API that answers, where the application has versions: `2`. */
  readonly apiVersion: string | undefined
  /**
   * The authenticated caller.
   * @throws `UNAUTHENTICATED` (401) when there is none; `identity` is the same without the throw.
   */
  readonly user: Identity
  readonly identity: Identity | undefined
  /**
   * Asks the policies whether the caller may do something with this one subject: `await authorize('refund', order)`.
   * @throws `POLICY_DENIED` (403), `UNAUTHENTICATED` (401) when an anonymous caller may not, `POLICY_MISSING` (500)
   */
  readonly authorize: (ability: string, subject: object) => Promise<void>
  /** Aborted when the client goes away, the route's time is up or the server's drain deadline has passed. */
  readonly signal: AbortSignal
  /** Writes lines that carry the request id and route, and show no secret that the request brought. */
  readonly log: Logger
  readonly clock: Clock
  /** The value of a request header; `name` in lower case. */
  readonly header: (name: string) => string | undefined
  /** Adds a header to whatever is answered; `name` in lower case. */
  readonly setHeader: (name: string, value: string) => void
  readonly use: Use
  readonly emit: Emit
  /** The request as a web-standard object, built when first touched. */
  readonly request: Request
}

/** A request on its way through the stages. The doors extend it; everything else reads it. */
export abstract class Context implements RequestTools, BodySource, Peer {
  readonly runtime: Runtime
  readonly method: string
  path: string
  readonly search: string
  params: unknown = undefined
  body: unknown = undefined
  /** The body as it was read, before a schema made something of it. */
  readBody: unknown = undefined
  route: CompiledRoute | undefined = undefined
  identity: Identity | undefined = undefined
  apiVersion: string | undefined = undefined
  requestId = ''
  /** `clock.monotonic()` when the request arrived, in ms. */
  readonly startedAt: number
  /** Prebuilt headers of the route's pipeline. */
  constantHeaders: ConstantHeaders = noConstantHeaders
  /** Headers to add to the answer, flat name, value pairs. */
  readonly outgoing: string[] = []
  private queryValue: unknown = undefined
  private headersValue: unknown = undefined
  private cookiesValue: unknown = undefined
  private originValue: Origin | undefined = undefined
  private logger: Logger | undefined = undefined
  private cleanups: (() => void | Promise<void>)[] | undefined = undefined
  private ended = false
  private requestScope: Map<Service<unknown>, unknown> | undefined = undefined
  protected aborter: AbortController | undefined = undefined

  constructor(runtime: Runtime, method: string, path: string, search: string) {
    this.runtime = runtime
    this.method = method
    this.path = path
    this.search = search
    this.startedAt = runtime.clock.monotonic()
  }

  abstract readonly address: string
  abstract readonly encrypted: boolean
  abstract readonly request: Request
  /** True when the client has gone and no answer can reach it. */
  abstract readonly disconnected: boolean
  /** As `header`, which handlers take off the context and stages have no need to. */
  abstract readHeader(name: string): string | undefined
  abstract readonly hasBody: boolean
  abstract stream(): Readable
  /** All request headers by lower-case name, whatever the route's schema makes of them. */
  abstract rawHeaders(): Record<string, string>
  /** Called once, when somebody first asks for the signal: abort it when the client goes away. */
  protected abstract watchDisconnect(aborter: AbortController): void

  /** The parsed query, or what the route's schema made of it. A name that comes twice is an array. */
  get query(): unknown {
    return (this.queryValue ??= parseQuery(this.search))
  }
  set query(value: unknown) {
    this.queryValue = value
  }

  /** Request headers by lower-case name, or what the route's schema made of them. */
  get headers(): unknown {
    return (this.headersValue ??= this.rawHeaders())
  }
  set headers(value: unknown) {
    this.headersValue = value
  }

  get cookies(): unknown {
    return (this.cookiesValue ??= parseCookies(this.readHeader('cookie')))
  }
  set cookies(value: unknown) {
    this.cookiesValue = value
  }

  private get origin(): Origin {
    return (this.originValue ??= this.runtime.origin(this))
  }

  get ip(): string {
    return this.origin.ip
  }

  get protocol(): string {
    return this.origin.protocol
  }

  get host(): string {
    return this.origin.host
  }

  get user(): Identity {
    if (this.identity === undefined) throw fail('UNAUTHENTICATED', undefined)
    return this.identity
  }

  get authorize(): (ability: string, subject: object) => Promise<void> {
    return async (ability, subject) => {
      const { allows } = this.runtime.use(Authorizer)
      const answer = await allows?.(this.identity, ability, subject, this)
      if (answer === true) return
      const kind = subject.constructor?.name ?? 'Object'
      if (answer === undefined) throw fail('POLICY_MISSING', { ability, kind })
      throw this.identity === undefined ? fail('UNAUTHENTICATED', undefined) : fail('POLICY_DENIED', { ability, kind })
    }
  }

  get signal(): AbortSignal {
    if (this.aborter === undefined) {
      this.aborter = new AbortController()
      tagSignal(this.aborter.signal, this.runtime.draining)
      this.watchDisconnect(this.aborter)
    }
    return this.aborter.signal
  }

  /** Why the signal was aborted; undefined while it is not. */
  get abortReason(): unknown {
    return this.aborter?.signal.aborted === true ? this.aborter.signal.reason : undefined
  }

  /** Aborts the signal; whoever asks for it later finds it aborted. */
  abort(reason: unknown): void {
    ;(this.aborter ??= new AbortController()).abort(reason)
  }

  get log(): Logger {
    return (this.logger ??= this.runtime.log.child({ requestId: this.requestId, route: this.route?.name }, () => secretsOf(this)))
  }

  get clock(): Clock {
    return this.runtime.clock
  }

  // Getters of bound functions, because handlers take the context apart: ({ use, emit }) => …
  get header(): (name: string) => string | undefined {
    return (name) => this.readHeader(name)
  }

  get setHeader(): (name: string, value: string) => void {
    return (name, value) => void this.outgoing.push(name, value)
  }

  get use(): Use {
    return (token) => this.runtime.useIn(token, this)
  }

  get emit(): Emit {
    return (event, payload) => this.runtime.emit(event, payload)
  }

  /** Runs `cleanup` when the request has ended; at once where it has, as for what comes after the route's time is up. */
  onEnd(cleanup: () => void | Promise<void>): void {
    if (this.ended) this.cleanUp(cleanup)
    else (this.cleanups ??= []).push(cleanup)
  }

  /** Called once by the door when the request has ended. */
  end(): void {
    this.ended = true
    if (this.requestScope !== undefined)
      void this.runtime.endRequest(this).catch((error: unknown) => this.log.error({ err: error }, 'A service of the request did not stop'))
    if (this.cleanups === undefined) return
    for (const cleanup of this.cleanups.reverse()) this.cleanUp(cleanup)
  }

  private cleanUp(cleanup: () => void | Promise<void>): void {
    void (async () => cleanup())().catch((error: unknown) => this.log.error({ err: error }, 'A request could not be cleaned up'))
  }

  /** Values of request-lifetime services, made when the first one is asked for. */
  get scope(): Map<Service<unknown>, unknown> {
    return (this.requestScope ??= new Map())
  }
}
