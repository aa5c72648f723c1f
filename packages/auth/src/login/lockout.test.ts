import { describeDialects } from '@glueful/database/testing'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { authUnderTest } from '../testing/auth-under-test.fixture.ts'

const wrong = 'wrong horse battery'

await describeDialects(describe, (target) => {
  const start = (env = {}) => authUnderTest(target, { env })

  test('five failures lock an account; waiting Retry-After always succeeds', async () => {
    await using it = await start()
    for (let n = 0; n < 5; n++) expect((await it.login('bob@example.com', wrong)).status).toBe(401)
    const locked = await it.login()
    expect([locked.status, locked.body['code'], locked.headers.get('retry-after')]).toEqual([429, 'LOGIN_LOCKED', '900'])
    const metrics = await (await it.test.fetch('/metrics')).text()
    expect(metrics).toContain('auth_logins_total{result="fail"} 5')
    expect(metrics).toContain('auth_logins_total{result="locked"} 1')
    it.test.clock.advance(899_000)
    expect((await it.login()).headers.get('retry-after')).toBe('1')
    it.test.clock.advance(1_000)
    expect((await it.login()).status).toBe(200)
    expect(await (await it.test.fetch('/metrics')).text()).toContain('auth_logins_total{result="success"} 1')
  })

  test('each further lock lasts twice as long, and a success forgets them', async () => {
    await using it = await start()
    const failFive = async () => {
      for (let n = 0; n < 5; n++) expect((await it.login('bob@example.com', wrong)).status).toBe(401)
      return Number((await it.login()).headers.get('retry-after'))
    }
    const waits = []
    for (let n = 0; n < 3; n++) {
      const wait = await failFive()
      waits.push(wait)
      it.test.clock.advance(wait * 1_000)
    }
    expect(waits).toEqual([900, 1_800, 3_600])
    expect((await it.login()).status).toBe(200)
    expect(await failFive()).toBe(900)
  })

  test('only failures count, a success clears them, and so does time', async () => {
    await using it = await start()
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 4; n++) expect((await it.login('bob@example.com', wrong)).status).toBe(401)
      if (round < 2) expect((await it.login()).status).toBe(200)
      else it.test.clock.advance(900_000)
    }
    expect((await it.login('bob@example.com', wrong)).status).toBe(401)
    expect((await it.login()).status).toBe(200)
    for (let n = 0; n < 20; n++) expect((await it.login()).status).toBe(200)
  })

  test('an account that does not exist is locked alike, and by whatever spelling', async () => {
    await using it = await start()
    for (const login of ['Nobody@example.com', 'nobody@EXAMPLE.com', ' nobody@example.com', 'nobody@example.com', 'NOBODY@example.com'])
      expect((await it.login(login, wrong)).status).toBe(401)
    expect((await it.login('nobody@example.com', wrong)).status).toBe(429)
    expect((await it.login()).status).toBe(200)
  })

  test('an address is locked over all accounts it tries, IPv6 by its network; success does not clear it', async () => {
    await using it = await start({ LOGIN_MAX_ATTEMPTS_PER_ADDRESS: '6' })
    for (let n = 0; n < 6; n++) {
      expect((await it.login(`user${n}@example.com`, wrong, `2001:db8::${n}`)).status).toBe(401)
      if (n < 5) expect((await it.login('bob@example.com', undefined, '2001:db8::99')).status).toBe(200)
    }
    expect((await it.login('bob@example.com', undefined, '2001:db8::77')).status).toBe(429)
    expect((await it.login('bob@example.com', undefined, '2001:db8:0:1::77')).status).toBe(200)
  })

  test('a hundred passwords at once are five passwords', async () => {
    await using it = await start()
    const answers = await Promise.all(Array.from({ length: 100 }, () => it.login('bob@example.com', wrong)))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses.filter((status) => status === 401).length).toBe(5)
    expect(statuses.filter((status) => status === 429).length).toBe(95)
  })

  test('logins that are good are never counted as failures, however many at once', async () => {
    await using it = await start()
    await Promise.all(Array.from({ length: 20 }, () => it.login()))
    expect((await it.login()).status).toBe(200)
  })

  test('tries of a process that died count as failures when their time has passed', async () => {
    await using it = await start()
    const { Database, sql } = await import('@glueful/database')
    await it.login('bob@example.com', wrong)
    await it.test.app.use(Database).run(sql`update auth_attempts set failures = 0, pending = 5`)
    expect((await it.login()).headers.get('retry-after')).toBe('1')
    it.test.clock.advance(30_001)
    expect((await it.login()).headers.get('retry-after')).toBe('900')
    it.test.clock.advance(900_000)
    expect((await it.login()).status).toBe(200)
  })

  test('four processes that try at the same time have five tries together', { timeout: 60_000 }, async () => {
    await using it = await start()
    const { Database, sql } = await import('@glueful/database')
    const { url } = it
    const program = fileURLToPath(new URL('../testing/try-logins.fixture.ts', import.meta.url))
    const processes = Array.from({ length: 4 }, () =>
      fork(program, [url, '25'], { execArgv: ['--conditions=glueful-source'], env: { ...process.env, APP_ENV: 'test' }, silent: true }),
    )
    const counts: number[][] = []
    const ready = processes.map(async (child) => {
      const [message] = (await once(child, 'message')) as [string]
      expect(message).toBe('ready')
    })
    await Promise.all(ready)
    await Promise.all(
      processes.map(async (child) => {
        const done = once(child, 'message')
        child.send('go')
        const [statuses] = (await done) as [number[]]
        counts.push(statuses)
        child.kill()
      }),
    )
    const all = counts.flat()
    expect(all.length).toBe(100)
    expect(all.filter((status) => status === 401).length).toBe(5)
    expect(all.filter((status) => status === 429).length).toBe(95)
    const [row] = await it.test.app
      .use(Database)
      .all<{ failures: number; pending: number }>(sql`select failures, pending from auth_attempts where locked_until is not null`)
    expect([row?.failures, row?.pending]).toEqual([5, 0])
  })
})
