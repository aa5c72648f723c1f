import type { PathParams } from '../context/path-params.ts'
import type { Group, Mount, Route, RouteSchemas, RouteTree } from '../context/route.ts'
import type { InputOf, Schema } from '../context/schema.ts'
import type { Problem } from '../problem/problem.ts'

/** What becomes of a value on its way through JSON. */
export type Jsonify<T> = T extends { toJSON(): infer R }
  ? Jsonify<R>
  : T extends string | number | boolean | null
    ? T
    : T extends undefined | symbol | ((...args: never[]) => unknown)
      ? never
      : T extends readonly (infer Item)[]
        ? Jsonify<Item>[]
        : T extends object
          ? { [K in keyof T as T[K] extends symbol | ((...args: never[]) => unknown) ? never : K]: Jsonify<Exclude<T[K], undefined>> | Extract<T[K], undefined> }
          : T

type Part<S extends RouteSchemas, Key extends keyof RouteSchemas, Otherwise> = Key extends keyof S ? (S[Key] extends Schema ? InputOf<S[Key]> : Otherwise) : Otherwise

/** Parts that may be left out are optional: those without schema, and those whose every field is optional. */
type Needed<Name extends string, T> = [T] extends [never] ? {} : {} extends T ? { readonly [K in Name]?: T } : { readonly [K in Name]: T }

export interface CallOptions {
  /** Aborts the request; the result has the code ABORTED. */
  readonly signal?: AbortSignal
  /** In ms, over all tries. Default: the client's. */
  readonly timeout?: number
}

type CallInput<Path extends string, S extends RouteSchemas> = Needed<'params', Part<S, 'params', PathParams<Path>>> &
  Needed<'query', Part<S, 'query', {}>> &
  Needed<'headers', Part<S, 'headers', {}>> &
  Needed<'body', Part<S, 'body', never>> &
  CallOptions

/** What a call gave: the body, or the problem document. */
export type ClientResult<Body> =
  | { readonly ok: true; readonly status: number; readonly body: Body; readonly headers: Headers; readonly requestId: string | undefined }
  | { readonly ok: false; readonly status: number; readonly error: Problem; readonly headers: Headers; readonly requestId: string | undefined }

type Call<Path extends string, S extends RouteSchemas, Body> =
  {} extends CallInput<Path, S> ? (input?: CallInput<Path, S>) => Promise<ClientResult<Jsonify<Body>>> : (input: CallInput<Path, S>) => Promise<ClientResult<Jsonify<Body>>>

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
