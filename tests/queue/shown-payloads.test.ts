import { database } from '@glueful/database'
import { job, Queue, queue } from '@glueful/queue'
import { testQueue } from '@glueful/queue/testing'
import { Authorizer, createApp, provide, strategy } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'

test('what a payload has in marked and secret fields is in no log, dead letter or answer, also where an error repeats it', async () => {
  const Pay = job(
    'pay',
    { payload: z.object({ order: z.number(), iban: z.string().meta({ redact: true }), apiKey: z.string() }), tries: 1 },
    ({ payload: { iban, apiKey }, log }) => {
      log.warn({ note: `paying from ${iban}` }, `with ${apiKey}`)
      throw new RangeError(`no money on ${iban}`, { cause: new Error(`refused ${apiKey}`) })
    },
  )
  const app = createApp({
    name: 'shop',
    routes: {},
    extensions: [database(), queue({ jobs: [Pay], admin: true })],
    strategies: [strategy('none', { authenticate: () => undefined })],
    services: [provide(Authorizer, () => ({ can: () => true }))],
  })
  await using opened = await testApp(app)
  await Pay.dispatch({ order: 7, iban: 'DE89370400440532013000', apiKey: 'key-of-the-bank' })
  await testQueue(opened).travel('1h')
  const [letter] = await opened.app.use(Queue).deadLetters.list()
  const asked = { identity: { id: 'ada', roles: [], scopes: [], strategy: 'given' }, address: '127.0.0.1' }
  const paths = ['/admin/dead-letters', `/admin/dead-letters/${letter?.id}`, '/admin/dead-letters/groups']
  const answers = await Promise.all(paths.map(async (path) => (await opened.app.fetch(new Request(`http://localhost${path}`), asked)).text()))
  const { payload, ...kept } = letter as NonNullable<typeof letter>
  // The payload itself is what a retry needs.
  expect(payload).toEqual({ order: 7, iban: 'DE89370400440532013000', apiKey: 'key-of-the-bank' })
  for (const found of [JSON.stringify(opened.logs()), JSON.stringify(kept), ...answers]) {
    expect(found).toContain('[redacted]')
    expect(found).not.toMatch(/DE89370400440532013000|key-of-the-bank/)
  }
})
