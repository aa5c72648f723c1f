import { z } from 'zod'

// Longer than any password that is accepted: what is longer is refused before it costs anything.
const password = z.string().min(1).max(1_024)
const login = z.string().trim().min(1).max(255)
const token = z.string().min(1).max(128)

export const Credentials = z.object({ login, password })
export const RefreshBody = z.object({ refreshToken: token })
export const ForgotBody = z.object({ login })
export const ResetBody = z.object({ token, password })
export const ChangeBody = z.object({ current: password, password })
export const VerifyBody = z.object({ token })

export const TokenAnswer = z.object({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  expiresIn: z.number(),
  refreshToken: z.string(),
})
export const MeAnswer = z.object({
  id: z.string(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  strategy: z.string(),
  plan: z.string().optional(),
})
export const SessionAnswer = z.object({ id: z.string(), expiresAt: z.iso.datetime(), csrfToken: z.string() })
export const SessionList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['cookie', 'token']),
      current: z.boolean(),
      createdAt: z.iso.datetime(),
      lastUsedAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
      ip: z.string(),
      userAgent: z.string(),
    }),
  ),
})
export const CsrfAnswer = z.object({ csrfToken: z.string() })
/** RFC 7517, 5; members of a key depend on its kind. */
export const KeySet = z.object({
  keys: z.array(z.looseObject({ kty: z.string().optional(), kid: z.string().optional(), alg: z.string().optional(), use: z.string().optional() })),
})
