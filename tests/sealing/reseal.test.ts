import { auth, KeyStore } from '@glueful/auth'
import { database, encrypted, integer, Model, sql, string, transaction } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { queue } from '@glueful/queue'
import { Webhooks, webhooks } from '@glueful/webhooks'
import { createApp } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { describe, expect, test } from 'vitest'

class Account extends Model('accounts', { id: integer().primary(), owner: string(), iban: encrypted(), note: encrypted().nullable() }) {}

const [first, second] = ['the first key of the application', 'the second key of the application']
const noUsers = { findByLogin: async () => undefined, findById: async () => undefined, updatePasswordHash: async () => undefined }

/** The application in production with these keys. */
function appWith(url: string, key: string, previous = '') {
  return createApp({
    name: 'shop',
    routes: {},
    extensions: [database({ migrateOnStart: true, models: { Account } }), queue({ jobs: [] }), auth({ users: noUsers }), webhooks()],
  }).with({ environment: 'production', env: { DATABASE_URL: url, APP_KEY: key, APP_PREVIOUS_KEYS: previous }, logDestination: createMemoryDestination() })
}

type App = ReturnType<typeof appWith>

async function started<T>(app: App, work: (app: App) => Promise<T>): Promise<T> {
  await app.ready()
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

async function reseal(app: App, options: Record<string, boolean> = {}) {
  const printed: string[] = []
  const command = app.definition.extensions?.flatMap(({ commands = [] }) => commands).find(({ name }) => name === 'db reseal')
  const code = await command?.run({ args: [], options, app: app as never, print: (text) => printed.push(text) })
  await app.close()
  return { code, lines: printed.join('\n').split('\n') }
}

await describeDialects(
  describe,
  (target) => {
    test('db reseal brings everything that is sealed under the new APP_KEY, so that the old one can go', async () => {
      await using place = await target.open()
      await place.db.script('create table accounts (id integer primary key, owner varchar(20) not null, iban text not null, note text)')
      const kids = await started(appWith(place.url, first), async (app) => {
        await transaction(async () => {
          for (let id = 1; id <= 501; id++) await Account.create({ id, owner: 'ada', iban: `DE${id}`, note: id === 7 ? 'of seven' : null })
        })
        await app.use(Webhooks).endpoints.create({ url: 'https://hooks.example.com/a' })
        return (await app.use(KeyStore).list()).map(({ kid }) => kid)
      })
      expect(kids).toHaveLength(1)

      const both = () => appWith(place.url, second, first)
      const counted = [
        'accounts.iban: 501 to be sealed anew, 0 were current',
        'accounts.note: 1 to be sealed anew, 0 were current',
        'auth_keys.private_key: 1 to be sealed anew, 0 were current',
        'webhook_endpoints.secret: 1 to be sealed anew, 0 were current',
        'webhook_endpoints.previous_secret: 0 to be sealed anew, 0 were current',
      ]
      expect(await reseal(both(), { 'dry-run': true })).toEqual({ code: 0, lines: counted })
      expect(await reseal(both())).toEqual({ code: 0, lines: counted.map((line) => line.replace('to be sealed', 'sealed')) })
      expect((await reseal(both())).lines[0]).toBe('accounts.iban: 0 sealed anew, 501 were current')

      await started(appWith(place.url, second), async (app) => {
        expect([(await Account.findOrFail(501)).iban, (await Account.findOrFail(7)).note]).toEqual(['DE501', 'of seven'])
        expect((await app.use(KeyStore).list()).map(({ kid }) => kid)).toEqual(kids)
        const [endpoint] = (await app.use(Webhooks).endpoints.list()).items
        await expect(app.use(Webhooks).endpoints.rotate(endpoint?.id ?? '', 1_000)).resolves.toMatchObject({ id: endpoint?.id })
      })
    })

    test('db reseal names what no key opens, and leaves it as it is', async () => {
      await using place = await target.open()
      await place.db.script('create table accounts (id integer primary key, owner varchar(20) not null, iban text not null, note text)')
      await started(appWith(place.url, first), async () => {
        await Account.create({ id: 1, owner: 'ada', iban: 'DE1' })
        await Account.create({ id: 2, owner: 'ada', iban: 'DE2' })
      })
      await place.db.run(sql`update accounts set iban = 'never sealed' where id = 2`)
      const { code, lines } = await reseal(appWith(place.url, second, first))
      expect([code, lines[0]]).toEqual([1, 'accounts.iban: 1 sealed anew, 0 were current, 1 cannot be opened (2)'])
      expect(await place.db.first(sql`select iban from accounts where id = 2`)).toEqual({ iban: 'never sealed' })
      expect((await reseal(appWith(place.url, 'a third key that knows of no other'))).lines[0]).toBe(
        'accounts.iban: 0 sealed anew, 0 were current, 2 cannot be opened (1, 2)',
      )
    })
  },
  ['sqlite', 'postgres'],
)
