import { describeDialects } from '@glueful/database/testing'
import { createAuthorizer } from '@glueful/auth'
import { AuditLog, Authorizer, provide, strategy, type AuditEntry, type Provider } from 'glueful'
import { describe, expect, test } from 'vitest'
import { webhookCommands } from '../commands/webhook-commands.ts'
import { openReceiver } from '../testing/receiver.fixture.ts'
import { openWebhooks } from '../testing/open-webhooks.fixture.ts'
import { webhookRoutes } from './webhook-routes.ts'

type Answer = { status: number; body: Record<string, unknown> }
const code = (answer: Answer) => [answer.status, answer.body['error_code'] ?? answer.body['code']]

await describeDialects(describe, (target) => {
  async function portal(services: readonly Provider[] = []) {
    const open = await openWebhooks(
      target,
      { retries: [] },
      {},
      {
        routes: webhookRoutes({ tenant: ({ user }) => user.id }),
        services: [provide(Authorizer, () => createAuthorizer(undefined)), ...services],
        strategies: [strategy('none', { authenticate: () => undefined })],
      },
    )
    const { app } = open.test
    const call =
      (id: string | undefined, roles: readonly string[]) =>
      async (method: string, path: string, json?: unknown): Promise<Answer> => {
        const init = { method, ...(json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }) }
        const identity = id === undefined ? {} : { identity: { id, roles, scopes: [], strategy: 'given' } }
        const answer = await app.fetch(new Request(`http://localhost/webhooks${path}`, init), { address: '127.0.0.1', ...identity })
        const body = await answer.text()
        return { status: answer.status, body: body === '' ? {} : (JSON.parse(body) as Record<string, unknown>) }
      }
    return { open, ann: call('ann', ['developer']), bob: call('bob', ['developer']), viewer: call('ann', ['observer']), nobody: call(undefined, []) }
  }

  test('what is changed is written down with who did it, or not changed at all', async () => {
    await using receiver = await openReceiver(() => 204)
    const entries: AuditEntry[] = []
    let isFull = false
    const record = async (entry: AuditEntry) => {
      if (isFull) throw new RangeError('the audit log is full')
      entries.push(entry)
    }
    const { open, ann, bob } = await portal([provide(AuditLog, () => ({ record }))])
    await using _open = open
    const { id, secret } = (await ann('POST', '/endpoints', { url: receiver.url, events: ['car.*'] })).body as { id: string; secret: string }
    await ann('PATCH', `/endpoints/${id}`, { disabled: true, events: ['car.sold'] })
    const rotated = (await ann('POST', `/endpoints/${id}/rotate`)).body as { secret: string }
    expect((await bob('DELETE', `/endpoints/${id}`)).status).toBe(404)
    isFull = true
    expect([(await ann('DELETE', `/endpoints/${id}`)).status, (await ann('GET', `/endpoints/${id}`)).status]).toEqual([500, 200])
    isFull = false
    expect((await ann('DELETE', `/endpoints/${id}`)).status).toBe(204)
    const who = { actor: 'ann', target: `webhook-endpoint:${id}`, result: 'ok', ip: '127.0.0.1', requestId: expect.stringMatching(/./) as string }
    const first = { tenant: 'ann', url: receiver.url, events: ['car.*'], disabled: false }
    const second = { ...first, events: ['car.sold'], disabled: true }
    expect(entries).toEqual([
      { ...who, action: 'webhook-endpoint.created', after: first },
      { ...who, action: 'webhook-endpoint.changed', before: first, after: second },
      { ...who, action: 'webhook-endpoint.rotated' },
      { ...who, action: 'webhook-endpoint.removed', before: second },
    ])
    for (const shown of [secret, rotated.secret]) expect(JSON.stringify(entries)).not.toContain(shown)
  })

  test('what is changed from the command line is written down too, or not changed at all', async () => {
    await using receiver = await openReceiver(() => 204)
    const entries: AuditEntry[] = []
    let isFull = false
    const record = async (entry: AuditEntry) => {
      if (isFull) throw new RangeError('the audit log is full')
      entries.push(entry)
    }
    await using open = await openWebhooks(target, {}, {}, { services: [provide(AuditLog, () => ({ record }))] })
    const { id } = await open.hooks.endpoints.create({ url: receiver.url })
    const lines: string[] = []
    const rotate = () =>
      webhookCommands
        .find(({ name }) => name === 'webhook rotate')
        ?.run({ app: open.test.app, args: [id], options: {}, print: (line) => void lines.push(line) })
    const secrets = async () => (await open.hooks.endpoints.forSigning(id))?.secrets
    await rotate()
    expect(entries).toEqual([{ actor: null, action: 'webhook-endpoint.rotated', target: `webhook-endpoint:${id}`, result: 'ok', requestId: null, ip: null }])
    const [secret = ''] = lines
    expect([secret.startsWith('whsec_'), JSON.stringify(entries).includes(secret)]).toEqual([true, false])
    const before = await secrets()
    isFull = true
    await expect(rotate()).rejects.toThrow('the audit log is full')
    expect(await secrets()).toEqual(before)
  })

  test('a customer manages endpoints, looks at deliveries and sends them again; nobody else sees them', async () => {
    let status = 500
    await using receiver = await openReceiver(() => status)
    const { open, ann, bob, viewer, nobody } = await portal()
    await using _open = open
    const made = await ann('POST', '/endpoints', { url: receiver.url, events: ['car.*'] })
    expect(made).toMatchObject({ status: 201, body: { events: ['car.*'], secret: expect.stringMatching(/^whsec_/) as string } })
    const id = String(made.body['id'])
    expect((await ann('GET', `/endpoints/${id}`)).body).not.toHaveProperty('secret')
    expect((await bob('GET', '/endpoints')).body).toEqual({ items: [], next: null })
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/rotate'],
      ['POST', '/test'],
    ] as const)
      expect(code(await bob(method, `/endpoints/${id}${path}`))).toEqual([404, 'WEBHOOK_ENDPOINT_UNKNOWN'])
    expect((await viewer('GET', `/endpoints/${id}`)).status).toBe(200)
    expect((await viewer('PATCH', `/endpoints/${id}`, { disabled: true })).status).toBe(403)
    expect((await nobody('GET', '/endpoints')).status).toBe(401)
    expect(code(await ann('POST', '/endpoints', { url: 'http://169.254.169.254/' }))).toEqual([422, 'WEBHOOK_URL_REFUSED'])

    expect(await ann('POST', `/endpoints/${id}/test`)).toMatchObject({ status: 200, body: { outcome: 'rejected', responseStatus: 500 } })
    await open.hooks.publish('car.created', { id: '7' }, { tenant: 'ann' })
    await open.queue.runUntilEmpty()
    const list = (await ann('GET', '/deliveries?status=failed&event=car.created')).body['items'] as { id: string }[]
    expect(list).toHaveLength(1)
    const path = `/deliveries/${list[0]?.id}`
    expect((await bob('GET', path)).status).toBe(404)
    expect((await bob('POST', `${path}/replay`)).status).toBe(404)
    expect((await bob('POST', '/deliveries/replay', { status: 'failed' })).body).toEqual({ replayed: 0 })
    status = 204
    expect((await ann('POST', `${path}/replay`)).body).toEqual({ replayed: true })
    await open.queue.runUntilEmpty()
    expect((await ann('GET', path)).body).toMatchObject({ status: 'delivered', attempts: 2 })
    expect((await ann('GET', `${path}/attempts`)).body).toMatchObject({ items: [{ responseStatus: 500 }, { responseStatus: 204 }], next: null })
    expect((await bob('GET', `${path}/attempts`)).status).toBe(404)
    expect((await ann('POST', '/deliveries/replay', { status: 'failed' })).body).toEqual({ replayed: 1 })

    expect((await ann('PATCH', `/endpoints/${id}`, { concurrency: 2, rate: { limit: 3, perSeconds: 60 } })).body).toMatchObject({
      concurrency: 2,
      rate: { limit: 3, perSeconds: 60 },
    })
    expect(code(await ann('PATCH', `/endpoints/${id}`, { concurrency: 50 }))).toEqual([422, 'WEBHOOK_LIMITS_INVALID'])
    expect((await ann('PATCH', `/endpoints/${id}`, { rate: null })).body).toMatchObject({ concurrency: 2, rate: null })
    const half = (await ann('GET', '/deliveries?limit=1')).body
    expect(half['items']).toHaveLength(1)
    expect((await ann('GET', `/deliveries?limit=1&cursor=${String(half['next'])}`)).body).toMatchObject({ items: [{}], next: null })
    expect(code(await ann('GET', '/deliveries?cursor=nonsense'))).toEqual([422, 'WEBHOOK_CURSOR_INVALID'])
    expect((await ann('GET', '/endpoints?limit=1')).body).toMatchObject({ items: [{ id }], next: null })

    expect((await ann('POST', `/endpoints/${id}/rotate`)).body['secret']).not.toBe(made.body['secret'])
    expect((await ann('PATCH', `/endpoints/${id}`, { disabled: true, events: ['*'] })).body).toMatchObject({ disabledReason: 'manual', events: ['*'] })
    expect((await ann('DELETE', `/endpoints/${id}`)).status).toBe(204)
    expect((await ann('GET', '/endpoints')).body).toEqual({ items: [], next: null })
  })
})
