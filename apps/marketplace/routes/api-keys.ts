import { ApiKeys, type ApiKey } from '@glueful/auth'
import { created, NotFound, noContent, route } from 'glueful'
import { z } from 'zod'

const people = { auth: ['session', 'jwt'], can: 'apikeys.own', tags: ['api keys'] } as const
const params = z.object({ id: z.uuid() })

const NewKey = z
  .object({
    name: z.string().trim().min(1).max(80),
    networks: z.array(z.string().max(50)).max(20).default([]).describe('Addresses and networks it may be used from; empty for any'),
    expiresInDays: z.int().min(1).max(365).default(90),
  })
  .meta({ id: 'NewApiKey' })

const Key = z
  .object({
    id: z.uuid(),
    name: z.string(),
    shown: z.string().describe('Its first characters'),
    scopes: z.array(z.string()),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' })

/** A program of a seller may offer and change cars, and do nothing else. */
const scopes = ['cars:write']

export const apiKeys = {
  list: route.get('/api-keys', { ...people, summary: 'The API keys of the seller', response: z.object({ data: z.array(Key) }) }, async ({ use, user }) => ({
    data: (await use(ApiKeys).list(user.id)).filter(({ revokedAt }) => revokedAt === undefined).map(present),
  })),

  create: route.post(
    '/api-keys',
    {
      ...people,
      summary: 'A new API key; it is shown this once',
      body: NewKey,
      strict: 'reject',
      response: Key.extend({ key: z.string() }),
      acceptRisks: { WRITE_WITHOUT_IDEMPOTENCY: 'a stored answer would keep the key in the clear' },
    },
    async (ctx) => {
      const { expiresInDays, ...wanted } = ctx.body
      const expiresAt = ctx.clock.now() + expiresInDays * 86_400_000
      const { key, text } = await ctx.use(ApiKeys).create({ ...wanted, userId: ctx.user.id, scopes, expiresAt }, ctx.user.id, ctx)
      return created({ ...present(key), key: text }, `/api-keys/${key.id}`)
    },
  ),

  revoke: route.delete('/api-keys/:id', { ...people, summary: 'Revoke an API key', params }, async (ctx) => {
    const key = await ctx.use(ApiKeys).find(ctx.params.id)
    if (key?.userId !== ctx.user.id) throw new NotFound('There is no such key.', { code: 'API_KEY_NOT_FOUND' })
    await ctx.use(ApiKeys).revoke(key.id, ctx.user.id, ctx)
    return noContent()
  }),
}

function present({ id, name, shown, scopes, expiresAt, lastUsedAt }: ApiKey): z.infer<typeof Key> {
  const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString())
  return { id, name, shown, scopes: [...scopes], expiresAt: iso(expiresAt), lastUsedAt: iso(lastUsedAt) }
}
