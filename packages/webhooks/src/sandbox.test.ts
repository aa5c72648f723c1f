import { describeDialects } from '@glueful/database/testing'
import { runTrial } from '@glueful/database'
import { createSandbox, runInSandbox } from 'glueful'
import { describe, expect, test } from 'vitest'
import { openWebhooks } from './testing/open-webhooks.fixture.ts'
import { openReceiver } from './testing/receiver.fixture.ts'

await describeDialects(describe, (target) => {
  test('what is published in a sandbox is captured, and neither sent nor kept', async () => {
    await using receiver = await openReceiver()
    await using open = await openWebhooks(target)
    const { hooks, queue, test: app } = open
    await hooks.endpoints.create({ url: receiver.url, events: ['car.*'] })
    const { id } = await hooks.endpoints.create({ url: receiver.url, events: ['order.*'] })
    const sandbox = createSandbox({ clock: app.clock, answers: { 'POST /hook': { status: 410 } } })
    const { outcome } = await runTrial(app.app.use, () =>
      runInSandbox(sandbox, async () => {
        const published = await hooks.publish('car.created', { id: '7' })
        const { outcome: answer } = await hooks.test(id)
        return [published.deliveries, answer, (await hooks.endpoints.find(id)).disabledReason]
      }),
    )
    expect(outcome).toMatchObject({ value: [1, 'gone', 'gone'] })
    expect(sandbox.effects.map(({ kind, summary }) => `${kind} ${summary}`)).toEqual(['webhook car.created to 1 endpoints', `http POST ${receiver.url}`])
    expect(sandbox.effects[0]?.detail).toMatchObject({ tenant: 'default', body: { type: 'car.created', data: { id: '7' } } })
    expect(await queue.runUntilEmpty()).toEqual([])
    expect([receiver.connections, (await hooks.deliveries.list()).items, (await hooks.endpoints.find(id)).disabledReason]).toEqual([0, [], null])
  })
})
