import type { UploadedFile } from '../body/uploaded-file.ts'
import type { PathParams } from '../context/path-params.ts'
import type { Group, Mount, Route, SchemaTypes, RouteTree } from '../context/route.ts'
import type { InputOf, TypedSchema } from '../context/schema.ts'
import type { Problem } from '../problem/problem.ts'
import type { EventSource } from '../reply/events.ts'
import type { FileSource } from '../reply/file.ts'

type Unsent = undefined | symbol | ((...args: never[]) => unknown)

/** What becomes of a value on its way through JSON: dates are text, `toJSON` is asked, functions and undefined are dropped. */
export type Jsonify<T> = 0 extends 1 & T
  ? T
  : T extends { toJSON(): infer Sent }
    ? Jsonify<Sent>
    : T extends string | number | boolean | null
      ? T
      : T extends Unsent | bigint
        ? never
        : T extends readonly unknown[]
          ? { -readonly [K in keyof T]: Item<T[K]> }
          : T extends object
            ? { [K in keyof T as [T[K]] extends [Unsent] ? never : K]: Jsonify<Exclude<T[K], Unsent>> | Extract<T[K], undefined> }
            : T

/** In lists, what cannot be sent is null. */
type Item<T> = Jsonify<Exclude<T, Unsent>> | (Extract<T, Unsent> extends never ? never : null)

/** One event of a stream (WHATWG HTML, 9.2.6). */
export interface ReceivedEvent {
  /** Default: `message`. */
  readonly event: string
  readonly data: string
  /** The last id seen; send it as `last-event-id` to go on from here. */
  readonly id: string
}

/** What a client receives for what a handler answered. */
export type Received<Body> = Body extends EventSource
  ? AsyncIterable<ReceivedEvent>
  : Body extends FileSource | Uint8Array | AsyncIterable<unknown>
    ? Blob | string
    : Body extends undefined | void
      ? undefined
      : Jsonify<Body>

type Part<S extends SchemaTypes, Key extends keyof SchemaTypes, Otherwise> = Key extends keyof S
  ? S[Key] extends TypedSchema
    ? InputOf<S[Key]>
    : Otherwise
  : Otherwise

/** Parts that may be left out are optional: those without schema, and those whose every field is optional. */
type Needed<Name extends string, T> = {} extends T ? { readonly [K in Name]?: T } : { readonly [K in Name]: T }

type Texts = Readonly<Record<string, string>>
type QueryTexts = Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | undefined>>

type RawBody = string | Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | FormData | URLSearchParams

type Upload<T> = T extends UploadedFile ? Blob : T extends readonly UploadedFile[] ? readonly Blob[] : T

/** What may be given for a body schema; files are Blobs on this side. */
type Sent<T> = unknown extends T ? T : { [K in keyof T]: Upload<T[K]> } | FormData | URLSearchParams

type BodyPart<S extends SchemaTypes> = 'body' extends keyof S
  ? S['body'] extends TypedSchema
    ? Needed<'body', Sent<InputOf<S['body']>>>
    : { readonly body?: RawBody }
  : { readonly body?: RawBody }

export interface CallOptions {
  /** Aborts the request; the result has the code ABORTED. */
  readonly signal?: AbortSignal
  /** In ms, over all tries until the answer is complete or, for streams of events, begins. Default: the client's. */
  readonly timeout?: number
}

export type CallInput<Path extends string, S extends SchemaTypes> = Needed<'params', Part<S, 'params', PathParams<Path>>> &
  Needed<'query', Part<S, 'query', QueryTexts>> &
  Needed<'headers', Part<S, 'headers', unknown> & Readonly<Record<string, unknown>>> &
  Needed<'cookies', Part<S, 'cookies', Texts>> &
  BodyPart<S> &
  CallOptions

/** What a call gave: the body, or the problem document. */
export type ClientResult<Body> =
  | { readonly ok: true; readonly status: number; readonly body: Body; readonly headers: Headers; readonly requestId: string | undefined }
  | {
      readonly ok: false
      /** 0 when there was no answer. */
      readonly status: number
      readonly error: Problem
      readonly headers: Headers
      readonly requestId: string | undefined
    }

type Call<Path extends string, S extends SchemaTypes, Body> =
  {} extends CallInput<Path, S>
    ? (input?: CallInput<Path, S>) => Promise<ClientResult<Received<Body>>>
    : (input: CallInput<Path, S>) => Promise<ClientResult<Received<Body>>>

/** The operations of a route tree, at the key paths of their routes. */
export type Client<Routes> = {
  readonly [Key in keyof Routes as Routes[Key] extends Mount ? never : Key]: Routes[Key] extends Route<infer _Method, infer Path, infer Schemas, infer Body>
    ? Call<Path, Schemas, Body>
    : Routes[Key] extends Group<infer Members>
      ? Client<Members>
      : Routes[Key] extends RouteTree
        ? Client<Routes[Key]>
        : never
}
