import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createApp, Locks, Redis } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

const script = fileURLToPath(new URL('./lock-worker.ts', import.meta.url))

redisTest('4 processes enter a section one at a time, with ever greater tokens, and a killed holder does not keep it', { timeout: 60_000 }, async () => {
  const name = `test-${randomUUID()}`
  const children = Array.from({ length: 4 }, () =>
    fork(script, [name], { execArgv: ['--conditions=glueful-source'], env: { ...process.env, NODE_ENV: 'test', REDIS_URL: redisUrl } }),
  )
  const answerOf = async (child: ChildProcess, work?: object) => {
    if (work !== undefined) child.send(work)
    return ((await once(child, 'message')) as [Record<string, number>])[0]
  }
  await using app = await testApp(createApp({ name, routes: {} }), { env: { REDIS_URL: redisUrl } })
  const { client, key } = app.app.use(Redis)
  try {
    await Promise.all(children.map((child) => answerOf(child)))
    await Promise.all(children.map((child) => answerOf(child, { sections: 20 })))
    expect(await client.get(key('count'))).toBe('80')

    const { token } = await answerOf(children[0] as ChildProcess, { hold: true })
    children[0]?.kill('SIGKILL')
    const locks = app.app.use(Locks)
    expect(await locks.tryLock('section')).toBeUndefined()
    const next = await locks.lock('section', { wait: '10s' })
    await client.rpush(key('tokens'), token as number, next.token)
    await next.release()
    const tokens = (await client.lrange(key('tokens'), 0, -1)).map(Number)
    expect(tokens).toHaveLength(82)
    expect(tokens.every((one, index) => index === 0 || one > (tokens[index - 1] as number))).toBe(true)
  } finally {
    await client.del(...(await client.keys(key('*'))))
    for (const child of children) child.kill('SIGKILL')
  }
})
