import { strategy } from 'glueful'
import { decodeJwt } from 'jose'
import { bearerOf } from '../tokens/bearer.ts'
import { Tokens } from '../tokens/tokens.ts'

/** Access tokens of this application, in `Authorization: Bearer`. */
export const jwtStrategy = strategy('jwt', {
  challenge: 'Bearer',
  scheme: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Access token of POST /auth/login' },
  authenticate: (ctx) => {
    const token = bearerOf(ctx)
    if (token === undefined || token.startsWith('gf_')) return undefined
    const tokens = ctx.runtime.use(Tokens)
    const verified = tokens.verify(token)
    if (!(verified instanceof Promise)) return verified.identity
    return verified.then(
      ({ identity }) => identity,
      (error: unknown) => {
        // What another issuer signed is for another strategy to judge.
        if (isOfAnotherIssuer(token, tokens.issuer)) return undefined
        throw error
      },
    )
  },
})

/** Whether a token says that it comes from elsewhere; one that says nothing readable is ours to refuse. */
function isOfAnotherIssuer(token: string, issuer: string): boolean {
  try {
    const { iss } = decodeJwt(token)
    return typeof iss === 'string' && iss !== issuer
  } catch {
    return false
  }
}
