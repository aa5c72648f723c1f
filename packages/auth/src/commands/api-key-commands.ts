import type { Command } from 'glueful'
import { ApiKeys, type ApiKey } from '../api-keys/api-keys.ts'
import { KeyUsage } from '../api-keys/key-usage.ts'
import { fail } from '../errors.ts'
import { Users } from '../users/user-store.ts'
import { durationOption, listOption, requiredArgument, requiredText, started, textOption } from './options.ts'

const dateOf = (at: number | undefined) => (at === undefined ? '–' : new Date(at).toISOString().slice(0, 16).replace('T', ' '))

function stateOf({ revokedAt, expiresAt, replacedBy }: ApiKey, now: number): string {
  if (revokedAt !== undefined) return 'revoked'
  if (expiresAt !== undefined && expiresAt <= now) return 'expired'
  return replacedBy === undefined ? 'in force' : 'replaced, in its grace'
}

/** `glueful apikey …` */
export const apiKeyCommands: readonly Command[] = [
  {
    name: 'apikey create',
    summary: 'Make an API key; it is shown once',
    options: {
      user: { summary: 'Id of the user it acts for', value: 'ID' },
      name: { summary: 'What it is for', value: 'TEXT' },
      scopes: { summary: 'Between commas: orders:read,cars:*; without any it reaches no route that asks for scopes', value: 'SCOPES' },
      ips: { summary: 'Addresses and networks it may be used from, between commas', value: 'NETWORKS' },
      expires: { summary: 'How long it is in force: 90d; for ever where it is left out', value: 'DURATION' },
      limit: { summary: 'Requests a minute', value: 'N' },
    },
    run: async (input) => {
      const app = await started(input)
      const lasts = durationOption(input, 'expires')
      const limit = textOption(input, 'limit')
      if (limit !== undefined && !/^\d+$/.test(limit)) throw fail('COMMAND_INPUT_INVALID', { reason: `--limit is ${limit}, not a number` })
      const [userId, name] = [requiredText(input, 'user'), requiredText(input, 'name')]
      // A key of nobody would be refused wherever it is used.
      if ((await app.use(Users).findById(userId)) === undefined) throw fail('COMMAND_INPUT_INVALID', { reason: `there is no user ${userId}` })
      const { key, text } = await app.use(ApiKeys).create({
        userId,
        name,
        scopes: listOption(input, 'scopes'),
        networks: listOption(input, 'ips'),
        ...(lasts === undefined ? {} : { expiresAt: Date.now() + lasts }),
        ...(limit === undefined ? {} : { rateLimit: Number(limit) }),
      })
      input.print(`${text}\nId ${key.id}. Keep the key now: it is not shown again.`)
    },
  },
  {
    name: 'apikey list',
    summary: 'Show API keys',
    options: { user: { summary: 'Those of this user only', value: 'ID' } },
    run: async (input) => {
      const keys = await (await started(input)).use(ApiKeys).list(textOption(input, 'user'))
      for (const key of keys) {
        const facts = [key.id, `${key.shown}…`, key.userId, key.name, stateOf(key, Date.now()), `scopes ${key.scopes.join(',') || 'none'}`]
        input.print([...facts, `expires ${dateOf(key.expiresAt)}`, `last used ${dateOf(key.lastUsedAt)}`].join('  '))
      }
      if (keys.length === 0) input.print('There are none.')
    },
  },
  {
    name: 'apikey rotate',
    summary: 'Make the successor of an API key',
    arguments: 'ID',
    options: { grace: { summary: 'How long the old one goes on working: 24h where it is left out', value: 'DURATION' } },
    run: async (input) => {
      const grace = durationOption(input, 'grace') ?? 86_400_000
      const id = requiredArgument(input, 'ID')
      const { key, text } = await (await started(input)).use(ApiKeys).rotate(id, grace)
      input.print(`${text}\nId ${key.id}. Keep the key now: it is not shown again. The old one works until ${dateOf(Date.now() + grace)} UTC at the latest.`)
    },
  },
  {
    name: 'apikey revoke',
    summary: 'End an API key at once',
    arguments: 'ID',
    run: async (input) => {
      const id = requiredArgument(input, 'ID')
      const did = await (await started(input)).use(ApiKeys).revoke(id)
      input.print(did ? `Key ${id} is refused from now on.` : `There is no key ${id} in force.`)
      return did ? 0 : 1
    },
  },
  {
    name: 'apikey usage',
    summary: 'Requests with an API key in the last 30 days',
    arguments: 'ID',
    run: async (input) => {
      const id = requiredArgument(input, 'ID')
      const app = await started(input)
      const key = await app.use(ApiKeys).find(id)
      if (key === undefined) throw fail('API_KEY_UNKNOWN', { id })
      const days = await app.use(KeyUsage).of(id)
      for (const { day, requests } of days) input.print(`${day}  ${requests}`)
      input.print(`${days.reduce((sum, { requests }) => sum + requests, 0)} in 30 days; last used ${dateOf(key.lastUsedAt)}`)
    },
  },
]
