import { afterEach, expect, test, vi } from 'vitest'
import type { Hook, HookPhase } from './hook.ts'
import { createLifecycle, type LifecycleOptions } from './lifecycle.ts'

afterEach(() => void vi.useRealTimers())

const never = () => new Promise<never>(() => {})

function lifecycleOf(options: Partial<LifecycleOptions> = {}) {
  const reports: [unknown, string, HookPhase][] = []
  const happened: string[] = []
  const hook = (name: string, run: Hook['run'] = () => undefined): Hook => ({ name, run: (tools) => (happened.push(name), run(tools)) })
  const create = (hooks: Partial<LifecycleOptions>) => createLifecycle({ report: (...report) => void reports.push(report), ...options, ...hooks })
  return { reports, happened, hook, create }
}

test('an application is created, boots, is ready, drains and stops; its hooks run in order, at the end in reverse', async () => {
  const { create, hook, happened, reports } = lifecycleOf()
  const states: string[] = []
  const note = (name: string) => hook(name, () => void states.push(lifecycle.state))
  const lifecycle = create({
    onBoot: [note('boot 1'), note('boot 2')],
    onReady: [note('ready')],
    onDrain: [note('drain 1'), note('drain 2')],
    onStop: [note('stop 1'), note('stop 2')],
  })
  expect(lifecycle.state).toBe('created')
  await lifecycle.boot()
  expect(lifecycle.state).toBe('ready')
  await lifecycle.drain()
  expect(lifecycle.state).toBe('draining')
  await lifecycle.stop()
  expect(lifecycle.state).toBe('stopped')
  expect(happened).toEqual(['boot 1', 'boot 2', 'ready', 'drain 1', 'drain 2', 'stop 2', 'stop 1'])
  expect(states).toEqual(['booting', 'booting', 'ready', 'draining', 'draining', 'stopped', 'stopped'])
  expect(reports).toEqual([])
})

test('a stop drains first when nobody has, and everything happens once', async () => {
  const { create, hook, happened } = lifecycleOf()
  const lifecycle = create({ onDrain: [hook('drain')], onStop: [hook('stop')] })
  await lifecycle.boot()
  await Promise.all([lifecycle.drain(), lifecycle.stop(), lifecycle.stop()])
  expect(happened).toEqual(['drain', 'stop'])
})

test('steps out of order are refused with the state', async () => {
  const { create } = lifecycleOf()
  const lifecycle = create({})
  await expect(lifecycle.drain()).rejects.toMatchObject({ code: 'LIFECYCLE_TRANSITION_INVALID', detail: expect.stringContaining('created') })
  await lifecycle.boot()
  await expect(lifecycle.boot()).rejects.toMatchObject({ code: 'LIFECYCLE_TRANSITION_INVALID', detail: expect.stringContaining('ready') })
  await lifecycle.stop()
  for (const step of [lifecycle.boot, lifecycle.drain]) {
    await expect(step()).rejects.toMatchObject({ code: 'LIFECYCLE_TRANSITION_INVALID', detail: expect.stringContaining('stopped') })
  }
})

test('a boot hook that fails ends the boot, runs the stop hooks and is named', async () => {
  const { create, hook, happened, reports } = lifecycleOf()
  const cause = new Error('no disk')
  const lifecycle = create({ onBoot: [hook('disk', () => Promise.reject(cause)), hook('later')], onReady: [hook('ready')], onStop: [hook('stop')] })
  await expect(lifecycle.boot()).rejects.toMatchObject({ code: 'LIFECYCLE_HOOK_FAILED', cause, detail: expect.stringContaining("'disk' failed: no disk") })
  expect(lifecycle.state).toBe('stopped')
  expect(happened).toEqual(['disk', 'stop'])
  expect(reports).toEqual([])
})

test('a hook that fails later is reported and keeps no other from running', async () => {
  const { create, hook, happened, reports } = lifecycleOf()
  const bad = new Error('bad')
  const fails = () => {
    throw bad
  }
  const lifecycle = create({
    onReady: [hook('ready bad', fails), hook('ready')],
    onDrain: [hook('drain bad', fails), hook('drain')],
    onStop: [hook('stop'), hook('stop bad', fails)],
  })
  await lifecycle.boot()
  await lifecycle.stop()
  expect(happened).toEqual(['ready bad', 'ready', 'drain bad', 'drain', 'stop bad', 'stop'])
  expect(reports).toEqual([
    [bad, 'ready bad', 'ready'],
    [bad, 'drain bad', 'drain'],
    [bad, 'stop bad', 'stop'],
  ])
})

test('a hook that hangs is given up after its own deadline or that of all, and told so by its signal', async () => {
  vi.useFakeTimers()
  const { create, happened, hook, reports } = lifecycleOf({ timeout: '5s' })
  let signal: AbortSignal | undefined
  const hangs: Hook = { name: 'hangs', timeout: '1s', run: (tools) => ((signal = tools.signal), never()) }
  const lifecycle = create({ onStop: [hook('last'), { name: 'hangs too', run: never }, hangs] })
  await lifecycle.boot()
  const stopped = lifecycle.stop()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(signal?.aborted).toBe(true)
  expect(happened).toEqual([])
  await vi.advanceTimersByTimeAsync(5_000)
  await stopped
  expect(happened).toEqual(['last'])
  expect(reports).toMatchObject([
    [{ code: 'LIFECYCLE_HOOK_TIMEOUT', detail: expect.stringContaining('1000 ms') }, 'hangs', 'stop'],
    [{ code: 'LIFECYCLE_HOOK_TIMEOUT', detail: expect.stringContaining('5000 ms') }, 'hangs too', 'stop'],
  ])
})

test('a hook without a deadline may take as long as it needs', async () => {
  vi.useFakeTimers()
  const { create, reports } = lifecycleOf({ timeout: 10 })
  const lifecycle = create({ onBoot: [{ name: 'long', timeout: false, run: () => new Promise((resolve) => setTimeout(resolve, 3_600_000)) }] })
  const booted = lifecycle.boot()
  await vi.advanceTimersByTimeAsync(3_600_000)
  await booted
  expect(lifecycle.state).toBe('ready')
  expect(reports).toEqual([])
})

test('a stop during the boot breaks it off: no more boot hooks, no ready hooks, no drain', async () => {
  const { create, hook, happened } = lifecycleOf()
  let signal: AbortSignal | undefined
  const lifecycle = create({
    onBoot: [hook('hangs', (tools) => ((signal = tools.signal), never())), hook('later')],
    onReady: [hook('ready')],
    onDrain: [hook('drain')],
    onStop: [hook('stop')],
  })
  const booted = expect(lifecycle.boot()).rejects.toMatchObject({ code: 'LIFECYCLE_STOPPED' })
  await lifecycle.stop()
  await booted
  expect(signal?.aborted).toBe(true)
  expect(lifecycle.state).toBe('stopped')
  expect(happened).toEqual(['hangs', 'stop'])
})

test('an application that never booted stops at once and can never boot', async () => {
  const { create, hook, happened } = lifecycleOf()
  const lifecycle = create({ onBoot: [hook('boot')], onDrain: [hook('drain')] })
  await lifecycle.stop()
  await expect(lifecycle.boot()).rejects.toMatchObject({ code: 'LIFECYCLE_TRANSITION_INVALID' })
  expect(happened).toEqual([])
})
