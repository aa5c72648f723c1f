import { database } from '@glueful/database'
import { testDatabase } from '@glueful/database/testing'
import { createApp, route, type Command } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { auth } from '../auth-extension.ts'
import { authRoutes } from '../routes/auth-routes.ts'
import { memoryUsers, someUsers } from '../testing/some-users.fixture.ts'

async function commandLine() {
  const db = await testDatabase('sqlite')
  const extension = auth({ users: memoryUsers(someUsers()) })
  const orders = route.get('/orders', { auth: 'apiKey', scopes: 'orders:read' }, () => [])
  const app = createApp({ name: 'shop', extensions: [database(), extension], routes: { ...authRoutes(), orders } }).with({
    environment: 'test',
    env: { DATABASE_URL: db.url },
    logDestination: createMemoryDestination(),
  })
  const run = async (name: string, args: string[] = [], options: Record<string, string | boolean> = {}) => {
    const lines: string[] = []
    const command = extension.commands.find((candidate: Command) => candidate.name === name) as Command
    const code = await command.run({ args, options, app: app as never, print: (text) => void lines.push(text) })
    return { code: code ?? 0, text: lines.join('\n') }
  }
  return {
    app,
    run,
    async [Symbol.asyncDispose]() {
      await app.close()
      await db.close()
    },
  }
}

describe('glueful key', () => {
  test('generates, rotates, lists and retires', async () => {
    await using it = await commandLine()
    const generated = await it.run('key generate', [], { algorithm: 'EdDSA' })
    expect(generated.text).toMatch(/^Key [\w-]{43} \(EdDSA\) signs from now on\.$/)
    const kid = generated.text.split(' ')[1] as string
    const rotated = await it.run('key rotate', [], { overlap: '1h' })
    expect(rotated.text).toMatch(/\(ES256\) signs from \d{4}-/)
    const listed = (await it.run('key list')).text.split('\n')
    expect(listed.length).toBe(3)
    expect(listed.find((line) => line.startsWith(kid))).toMatch(/EdDSA {2}signs from .*, verifies until /)
    expect(await it.run('key retire', [kid])).toEqual({ code: 0, text: `Key ${kid} verifies nothing any more.` })
    expect((await it.run('key retire', [kid])).code).toBe(1)
    expect((await it.run('key list')).text.split('\n').length).toBe(2)
  })

  test.each([
    ['key generate', [], { algorithm: 'HS256' }],
    ['key rotate', [], { overlap: 'soon' }],
    ['key retire', [], {}],
    ['apikey create', [], { user: '2' }],
    ['apikey create', [], { user: '2', name: 'x', limit: 'many' }],
    ['apikey create', [], { user: 'nobody', name: 'x' }],
    ['apikey revoke', [], {}],
  ])('%s %j %j is called wrongly', async (name, args, options) => {
    await using it = await commandLine()
    await expect(it.run(name, args, options as unknown as Record<string, string>)).rejects.toMatchObject({ code: 'COMMAND_INPUT_INVALID' })
  })
})

test('glueful apikey creates, lists, shows the use of, rotates and revokes keys', async () => {
  await using it = await commandLine()
  const created = await it.run('apikey create', [], { user: '2', name: 'import', scopes: 'orders:read', ips: '192.0.2.0/24', expires: '90d', limit: '60' })
  const [, text = '', id = ''] = /^(gf_test_\w+)\nId ([\w-]+)\./.exec(created.text) ?? []
  const ask = (key: string) => it.app.fetch(new Request('http://localhost/orders', { headers: { 'x-api-key': key } }), { address: '192.0.2.1' })
  expect((await ask(text)).status).toBe(200)
  const listed = await it.run('apikey list', [], { user: '2' })
  expect(listed.text).toContain('in force')
  expect(listed.text).not.toContain(text)
  const rotated = await it.run('apikey rotate', [id], { grace: '1h' })
  const [, successor = '', next = ''] = /^(gf_test_\w+)\nId ([\w-]+)\./.exec(rotated.text) ?? []
  expect((await ask(successor)).status).toBe(200)
  expect((await it.run('apikey list')).text).toContain('replaced, in its grace')
  expect(await it.run('apikey revoke', [next])).toMatchObject({ code: 0 })
  expect((await ask(successor)).status).toBe(401)
  expect((await it.run('apikey revoke', [next])).code).toBe(1)
  expect((await it.run('apikey usage', [id])).text).toMatch(/in 30 days; last used/)
  await expect(it.run('apikey usage', ['nonsense'])).rejects.toMatchObject({ code: 'API_KEY_UNKNOWN' })
  expect((await it.run('apikey list', [], { user: '3' })).text).toBe('There are none.')
})
