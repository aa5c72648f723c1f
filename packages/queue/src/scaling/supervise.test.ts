import { spawn } from 'node:child_process'
import { createApp, RuntimeService } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { defaultScaleRules } from './decide-scale.ts'
import { supervise } from './supervise.ts'

test('a process that cannot be started is reported and tried again; the supervisor goes on', async () => {
  await using opened = await testApp(createApp({ name: 'supervisor', routes: {} }))
  const { log } = opened.app.use(RuntimeService)
  const started: string[] = []
  const tried = Promise.withResolvers<void>()
  const supervisor = supervise({
    rules: defaultScaleRules,
    spawn: () => {
      const command = started.length === 0 ? '/there/is/no/such/program' : 'sleep'
      started.push(command)
      if (started.length === 2) tried.resolve()
      return spawn(command, ['60'])
    },
    backlog: async () => 0,
    log,
    clock: { now: Date.now, monotonic: () => performance.now() },
    stopMs: 1_000,
  })
  await tried.promise
  expect(started).toEqual(['/there/is/no/such/program', 'sleep'])
  expect(opened.logs()).toContainEqual(expect.objectContaining({ msg: 'A worker process could not be started; tried again', crashes: 1 }))
  await supervisor.stop()
  expect(supervisor.processes).toBe(0)
})
