import { database, Database, sql } from '@glueful/database'
import { testDatabase } from '@glueful/database/testing'
import { AuditLog, createApp } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { expect, test } from 'vitest'
import { auth } from '../auth-extension.ts'
import { memoryUsers } from '../testing/some-users.fixture.ts'
import { auditCommands } from './audit-commands.ts'

async function commandLine() {
  const db = await testDatabase('sqlite')
  const definition = createApp({ name: 'shop', extensions: [database(), auth({ users: memoryUsers([]) })], routes: {} })
  const app = definition.with({ environment: 'test', env: { DATABASE_URL: db.url }, logDestination: createMemoryDestination() })
  await app.ready()
  const log = app.use(AuditLog)
  const entry = { actor: 'ada', target: '=1+1', result: 'ok', requestId: null, ip: null } as const
  await log.record({ ...entry, action: 'car.created', after: { make: 'a "b", c' } })
  await log.record({ ...entry, action: 'login.failed', result: 'failed' })
  const run = async (name: string, options: Record<string, string | boolean> = {}) => {
    const lines: string[] = []
    const command = auditCommands.find((one) => one.name === `audit ${name}`)
    const code = await command?.run({ args: [], options, app: app as never, print: (text) => void lines.push(text) })
    return { code: code ?? 0, lines }
  }
  return {
    run,
    db: app.use(Database),
    async [Symbol.asyncDispose]() {
      await app.close()
      await db.close()
    },
  }
}

test('entries are listed and filtered', async () => {
  await using it = await commandLine()
  expect((await it.run('list', { action: 'login.*', from: '1d' })).lines).toEqual([
    expect.stringMatching(/ failed {2}login\.failed {2}=1\+1 {2}by ada {2}from –$/),
  ])
  expect((await it.run('list', { limit: '1', actor: 'ada' })).lines.length).toBe(1)
  expect((await it.run('list', { request: 'unknown', ip: '192.0.2.9' })).lines).toEqual(['There are none.'])
  expect((await it.run('list', { to: '2020-01-01T00:00:00Z' })).lines).toEqual(['There are none.'])
  for (const wrong of [{ limit: '0' }, { result: 'good' }, { from: 'soon' }] as const)
    await expect(it.run('list', wrong as never)).rejects.toMatchObject({ code: 'COMMAND_INPUT_INVALID' })
})

test('verify prints an anchor, holds to it, and exits 1 for what was changed', async () => {
  await using it = await commandLine()
  const first = await it.run('verify')
  const anchor = /--anchor=(\d+:[0-9a-f]{64})$/.exec(first.lines[0] as string)?.[1] as string
  expect([first.code, (await it.run('verify', { anchor })).code]).toEqual([0, 0])
  expect((await it.run('verify', { anchor: `${anchor.slice(0, -1)}${anchor.endsWith('0') ? '1' : '0'}` })).code).toBe(1)
  await expect(it.run('verify', { anchor: '5' })).rejects.toMatchObject({ code: 'COMMAND_INPUT_INVALID' })
  await it.db.run(sql`update auth_audit set actor = ${'eve'} where action = ${'car.created'}`)
  const changed = await it.run('verify')
  expect(changed).toEqual({ code: 1, lines: [expect.stringMatching(/^The audit log was changed: entry \d+ is not what was written/)] })
})

test('exports are JSON an object a line, or CSV in which nothing is a formula', async () => {
  await using it = await commandLine()
  const json = (await it.run('export', { actor: 'ada' })).lines.map((line) => JSON.parse(line) as unknown)
  expect(json).toMatchObject([
    { action: 'car.created', after: { make: 'a "b", c' } },
    { action: 'login.failed', after: null },
  ])
  const csv = (await it.run('export', { actor: 'ada', format: 'csv' })).lines
  expect(csv[0]).toBe('seq,at,actor,action,target,result,before,after,requestId,ip,previous,hash')
  expect(csv[1]).toContain(`"ada","car.created","'=1+1","ok",,"{""make"":""a \\""b\\"", c""}",,,`)
  await expect(it.run('export', { format: 'xml' })).rejects.toMatchObject({ code: 'COMMAND_INPUT_INVALID' })
})

test('prune and reseal say what they did, and need to be told when and why', async () => {
  await using it = await commandLine()
  expect((await it.run('prune', { before: '1d' })).lines[0]).toMatch(/^0 entries/)
  expect((await it.run('prune', { before: '2099-01-01T00:00:00Z' })).lines[0]).toMatch(/^[1-9]\d* entries from before 2099-/)
  expect((await it.run('verify')).code).toBe(0)
  await it.run('reseal', { reason: 'a rehearsal' })
  expect((await it.run('list', { action: 'audit.resealed' })).lines.length).toBe(1)
  await expect(it.run('reseal')).rejects.toMatchObject({ code: 'COMMAND_INPUT_INVALID' })
  await expect(it.run('prune')).rejects.toMatchObject({ code: 'COMMAND_INPUT_INVALID' })
})
