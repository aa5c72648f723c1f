import { describeDialects } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'
import { openReceiver } from '../testing/receiver.fixture.ts'
import { openWebhooks } from '../testing/open-webhooks.fixture.ts'

await describeDialects(describe, (target) => {
  test('what fails and what is disabled is the same on the scrape of each process, from its start', async () => {
    let answer = 500
    await using receiver = await openReceiver(() => answer)
    await using open = await openWebhooks(target, { retries: ['1m'] })
    const { hooks, queue } = open
    const of = async ({ fetch }: Pick<typeof open.test, 'fetch'>) =>
      Object.fromEntries(
        [...(await (await fetch('/metrics')).text()).matchAll(/^glueful_webhook_((?:endpoints|deliveries_p)\S+) (\d+)$/gm)].map(([, name, value]) => [
          name,
          Number(value),
        ]),
      )
    const expected = {
      endpoints_failing: 0,
      'endpoints_disabled{reason="manual"}': 0,
      'endpoints_disabled{reason="gone"}': 0,
      'endpoints_disabled{reason="failing"}': 0,
      deliveries_pending: 0,
    }
    expect(await of(open.test)).toEqual(expected)
    await hooks.endpoints.create({ url: receiver.url })
    const left = await hooks.endpoints.create({ url: receiver.url })
    await hooks.publish('car.created', 1)
    await queue.runUntilEmpty()
    await hooks.endpoints.change(left.id, { disabled: true })
    const after = { ...expected, endpoints_failing: 1, 'endpoints_disabled{reason="manual"}': 1, deliveries_pending: 2 }
    expect(await of(open.test)).toEqual(after)

    await using other = await open.again()
    expect(await of(other)).toEqual(after)
    answer = 204
    await queue.travel('1m')
    expect(await of(other)).toEqual({ ...expected, 'endpoints_disabled{reason="manual"}': 1 })
    expect(await of(open.test)).toEqual(await of(other))
  })
})
