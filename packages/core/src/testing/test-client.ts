import type { Identity } from '../http/context/identity.ts'
import type { Client, ClientResult } from '../http/client/client-types.ts'
import type { RouteTree } from '../http/context/route.ts'
import type { Problem } from '../http/problem/problem.ts'

/** An answer as a test sees it: the body has the type of success, and is the problem document otherwise. */
export interface TestResponse<Body> {
  readonly ok: boolean
  readonly status: number
  readonly body: Body
  /** The problem document of a failure. */
  readonly error: Problem | undefined
  readonly headers: Headers
  readonly requestId: string | undefined
}

type Plain<C> = {
  readonly [Key in keyof C]: C[Key] extends (...args: infer Args) => Promise<ClientResult<infer Body>>
    ? (...args: Args) => Promise<TestResponse<Body>>
    : Plain<C[Key]>
}

/** Who a test's requests come from: no roles, no scopes, and accepted by every strategy, unless it says otherwise. */
export type TestIdentity = Pick<Identity, 'id'> & Partial<Identity>

/** The typed client for tests; `as` makes one whose requests come from a user. */
export type TestClient<Routes extends RouteTree> = Plain<Client<Routes>> & { as(identity: TestIdentity): Plain<Client<Routes>> }
