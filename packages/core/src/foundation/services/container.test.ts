import { afterEach, expect, expectTypeOf, test, vi } from 'vitest'
import { createContainer } from './container.ts'
import { provide } from './provide.ts'
import { service } from './service.ts'

afterEach(() => void vi.useRealTimers())

interface Named {
  readonly label: string
}
const A = service<Named>('a')
const B = service<Named>('b')
const C = service<Named>('c')
const never = () => new Promise<never>(() => {})

test('a service is made from those that it uses, once, and is given out with its type', () => {
  const makeB = vi.fn(() => ({ label: 'b' }))
  const container = createContainer([provide(A, ({ use }) => ({ label: `a of ${use(B).label}` })), provide(B, makeB)])
  const a = container.use(A)
  expectTypeOf(a).toEqualTypeOf<Named>()
  expect(a.label).toBe('a of b')
  expect(container.use(A)).toBe(a)
  expect(makeB).toHaveBeenCalledTimes(1)
})

test('values that are null, undefined or false are services too', () => {
  const Nothing = service<undefined>('nothing')
  const Off = service<boolean>('off')
  const container = createContainer([provide(Nothing, () => undefined), provide(Off, () => false)])
  expect(container.use(Nothing)).toBe(undefined)
  expect(container.use(Off)).toBe(false)
})

test('a gap is reported at boot with the whole path and the name that may be meant', () => {
  const Mailer = service<Named>('mailer')
  const Mialer = service<Named>('mialer')
  const providers = [provide(A, ({ use }) => use(B)), provide(B, ({ use }) => use(Mialer)), provide(Mailer, () => ({ label: 'mailer' }))]
  expect(() => createContainer(providers)).toThrow(
    expect.objectContaining({ code: 'SERVICE_MISSING', detail: expect.stringContaining("(a → b → mialer). Is 'mailer' meant?") }),
  )
})

test('asking for what nobody provides is an error at run time too', () => {
  expect(() => createContainer([]).use(A)).toThrow(expect.objectContaining({ code: 'SERVICE_MISSING' }))
  expect(() => createContainer([]).useIn(A, { scope: new Map() })).toThrow(expect.objectContaining({ code: 'SERVICE_MISSING' }))
})

test('a cycle is reported at boot with its path and nothing else', () => {
  const providers = [provide(C, ({ use }) => use(A)), provide(A, ({ use }) => use(B)), provide(B, ({ use }) => use(A))]
  expect(() => createContainer(providers)).toThrow(expect.objectContaining({ code: 'SERVICE_CYCLE', detail: expect.stringContaining('a → b → a') }))
})

test('services may know each other when one asks only when it is called; that is no dependency, and the rules of use hold', async () => {
  const Lazy = service<() => string>('lazy')
  const container = createContainer([
    provide(
      Lazy,
      ({ use }) =>
        () =>
          use(A).label,
    ),
    provide(A, ({ use }) => ({ label: typeof use(Lazy) }), { start: () => undefined }),
  ])
  const lazy = container.use(Lazy)
  expect(() => lazy()).toThrow(expect.objectContaining({ code: 'SERVICE_NOT_STARTED' }))
  await container.start()
  expect(lazy()).toBe('function')
  expect(container.describe()).toMatchObject([{ uses: [] }, { uses: ['lazy'] }])
})

test('two providers for one token are refused', () => {
  expect(() => createContainer([provide(A, () => ({ label: '1' })), provide(A, () => ({ label: '2' }))])).toThrow(
    expect.objectContaining({ code: 'SERVICE_PROVIDED_TWICE' }),
  )
})

test('two tokens of the same name are two services', () => {
  const Other = service<Named>('a')
  const container = createContainer([provide(A, () => ({ label: '1' })), provide(Other, () => ({ label: '2' }))])
  expect([container.use(A).label, container.use(Other).label]).toEqual(['1', '2'])
})

test('a factory that throws is named with its path, and errors with a code pass as they are', () => {
  const cause = new RangeError('bad url')
  const providers = [
    provide(A, ({ use }) => use(B)),
    provide(B, () => {
      throw cause
    }),
  ]
  expect(() => createContainer(providers)).toThrow(
    expect.objectContaining({ code: 'SERVICE_CREATE_FAILED', cause, detail: expect.stringContaining("'b' failed (a → b): bad url") }),
  )
})

test('a factory that returns a promise is refused, and its rejection goes nowhere', () => {
  const Async = service<Promise<never>>('async')
  expect(() => createContainer([provide(Async, () => Promise.reject(new Error('down')))])).toThrow(
    expect.objectContaining({ code: 'SERVICE_FACTORY_ASYNC', detail: expect.stringContaining("'async'") }),
  )
})

test('services start in dependency order and stop in the exact reverse', async () => {
  const happened: string[] = []
  const hooks = (name: string) => ({ start: () => void happened.push(`start ${name}`), stop: () => void happened.push(`stop ${name}`) })
  const container = createContainer([
    provide(A, ({ use }) => ({ label: use(B).label + use(C).label }), hooks('a')),
    provide(B, ({ use }) => use(C), hooks('b')),
    provide(C, () => ({ label: 'c' }), hooks('c')),
  ])
  expect(happened).toEqual([])
  await container.start()
  expect(happened).toEqual(['start c', 'start b', 'start a'])
  await container.stop()
  expect(happened.slice(3)).toEqual(['stop a', 'stop b', 'stop c'])
})

test('start and stop happen once, however often they are called', async () => {
  const start = vi.fn()
  const stop = vi.fn()
  const container = createContainer([provide(A, () => ({ label: 'a' }), { start, stop })])
  await Promise.all([container.start(), container.start()])
  await Promise.all([container.stop(), container.stop()])
  expect(start).toHaveBeenCalledTimes(1)
  expect(stop).toHaveBeenCalledTimes(1)
})

test('what has to be started, and what depends on it, cannot be used before; the rest can', async () => {
  const container = createContainer([
    provide(A, ({ use }) => ({ label: `a of ${use(B).label}` })),
    provide(B, () => ({ label: 'b' }), { start: () => undefined }),
    provide(C, () => ({ label: 'c' })),
  ])
  expect(container.use(C).label).toBe('c')
  for (const token of [A, B]) expect(() => container.use(token)).toThrow(expect.objectContaining({ code: 'SERVICE_NOT_STARTED' }))
  await container.start()
  expect(container.use(A).label).toBe('a of b')
})

test('after the stop, nothing can be used or swapped', async () => {
  const container = createContainer([provide(A, () => ({ label: 'a' }))])
  await container.start()
  await container.stop()
  expect(() => container.use(A)).toThrow(expect.objectContaining({ code: 'SERVICE_STOPPED' }))
  expect(() => container.swap(A, { label: 'fake' })).toThrow(expect.objectContaining({ code: 'SERVICE_STOPPED' }))
})

test('while a service stops, what it was made with can still be asked for, and what uses it cannot', async () => {
  const seen: string[] = []
  const container = createContainer([
    provide(A, ({ use }) => use(B), { start: () => undefined }),
    provide(B, ({ use }) => use(C), {
      stop: () => {
        seen.push(container.use(C).label)
        for (const token of [A, B]) expect(() => container.use(token)).toThrow(expect.objectContaining({ code: 'SERVICE_STOPPED' }))
      },
    }),
    provide(C, () => ({ label: 'c' })),
  ])
  await container.start()
  await container.stop()
  expect(seen).toEqual(['c'])
})

test('a start that fails stops what had started, in reverse, and is reported with its name and cause', async () => {
  const happened: string[] = []
  const cause = new Error('connection refused')
  const container = createContainer([
    provide(A, () => ({ label: 'a' }), { start: () => void happened.push('start a'), stop: () => void happened.push('stop a') }),
    provide(B, () => ({ label: 'b', [Symbol.dispose]: () => void happened.push('dispose b') })),
    provide(C, () => ({ label: 'c' }), { start: () => Promise.reject(cause), stop: () => void happened.push('stop c') }),
  ])
  await expect(container.start()).rejects.toMatchObject({
    code: 'SERVICE_START_FAILED',
    cause,
    detail: expect.stringContaining("'c' did not start: connection refused"),
  })
  expect(happened).toEqual(['start a', 'dispose b', 'stop a'])
  await container.stop()
  expect(happened).toHaveLength(3)
  expect(() => container.use(A)).toThrow(expect.objectContaining({ code: 'SERVICE_STOPPED' }))
})

test('when stopping after a failed start fails as well, both are reported', async () => {
  const container = createContainer([
    provide(A, () => ({ label: 'a' }), { stop: () => Promise.reject(new Error('stuck')) }),
    provide(B, () => ({ label: 'b' }), { start: () => Promise.reject(new Error('refused')) }),
  ])
  await expect(container.start()).rejects.toMatchObject({
    code: 'SERVICE_START_FAILED',
    cause: { errors: [{ message: 'refused' }, { code: 'SERVICE_STOP_FAILED' }] },
  })
})

test('a start that hangs is given up after its deadline, told so by its signal, and stopped if it comes too late', async () => {
  vi.useFakeTimers()
  const gate = Promise.withResolvers<void>()
  const stop = vi.fn()
  let signal: AbortSignal | undefined
  const container = createContainer([provide(A, () => ({ label: 'a' }), { start: (_, tools) => ((signal = tools.signal), gate.promise), stop })], {
    startTimeout: 5_000,
  })
  const failure = expect(container.start()).rejects.toMatchObject({ code: 'SERVICE_START_FAILED', cause: { code: 'SERVICE_START_TIMEOUT' } })
  await vi.advanceTimersByTimeAsync(5_000)
  await failure
  expect(signal?.aborted).toBe(true)
  expect(stop).not.toHaveBeenCalled()
  gate.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(stop).toHaveBeenCalledTimes(1)
})

test('a stop that fails or hangs keeps no other from stopping, and all failures come together', async () => {
  vi.useFakeTimers()
  const stopped: string[] = []
  const container = createContainer(
    [
      provide(A, () => ({ label: 'a' }), { stop: () => void stopped.push('a') }),
      provide(B, () => ({ label: 'b' }), { stop: never }),
      provide(C, () => ({ label: 'c' }), {
        stop: () => {
          throw new Error('stuck')
        },
      }),
    ],
    { stopTimeout: 2_000 },
  )
  await container.start()
  const failure = expect(container.stop()).rejects.toMatchObject({
    code: 'SERVICE_STOP_FAILED',
    detail: expect.stringMatching(/c \(stuck\), b \(.*2000 ms/),
    cause: { errors: [{ message: 'stuck' }, { code: 'SERVICE_STOP_TIMEOUT' }] },
  })
  await vi.advanceTimersByTimeAsync(2_000)
  await failure
  expect(stopped).toEqual(['a'])
})

test('a stop during the start aborts it and then stops what had started', async () => {
  const happened: string[] = []
  const container = createContainer([
    provide(A, () => ({ label: 'a' }), { stop: () => void happened.push('stop a') }),
    provide(B, () => ({ label: 'b' }), { start: never, stop: () => void happened.push('stop b') }),
  ])
  const failure = expect(container.start()).rejects.toMatchObject({ code: 'SERVICES_STOPPED' })
  await container.stop()
  await failure
  expect(happened).toEqual(['stop a'])
})

test('a stop while a failed start is being undone waits until it is', async () => {
  const gate = Promise.withResolvers<void>()
  const happened: string[] = []
  const stop = async () => (happened.push('stop a'), await gate.promise, void happened.push('a stopped'))
  const container = createContainer([
    provide(A, () => ({ label: 'a' }), { stop }),
    provide(B, () => ({ label: 'b' }), { start: () => Promise.reject(new Error('refused')) }),
  ])
  const failure = expect(container.start()).rejects.toMatchObject({ code: 'SERVICE_START_FAILED' })
  await vi.waitFor(() => expect(happened).toEqual(['stop a']))
  const stopped = container.stop().then(() => happened.push('all stopped'))
  await new Promise((resolve) => setImmediate(resolve))
  gate.resolve()
  await Promise.all([failure, stopped])
  expect(happened).toEqual(['stop a', 'a stopped', 'all stopped'])
})

test('what was stopped before it started never starts', async () => {
  const start = vi.fn()
  const container = createContainer([provide(A, () => ({ label: 'a' }), { start })])
  await container.stop()
  await expect(container.start()).rejects.toMatchObject({ code: 'SERVICES_STOPPED' })
  expect(start).not.toHaveBeenCalled()
})

test('a value with a dispose method needs no stop, and a stop goes before it', async () => {
  const happened: string[] = []
  const container = createContainer([
    provide(A, () => ({ label: 'a', [Symbol.dispose]: () => void happened.push('dispose a') })),
    provide(B, () => ({
      label: 'b',
      [Symbol.dispose]: () => void happened.push('wrong'),
      [Symbol.asyncDispose]: async () => void happened.push('async dispose b'),
    })),
    provide(C, () => ({ label: 'c', [Symbol.dispose]: () => void happened.push('wrong') }), { stop: () => void happened.push('stop c') }),
  ])
  await container.stop()
  expect(happened).toEqual(['stop c', 'async dispose b', 'dispose a'])
})

test('the description tells lifetimes and what uses what', () => {
  const container = createContainer([
    provide(A, ({ use }) => use(B)),
    provide(B, () => ({ label: 'b' })),
    provide(C, () => ({ label: 'c' }), { lifetime: 'request' }),
  ])
  expect(container.describe()).toEqual([
    { name: 'a', lifetime: 'singleton', uses: ['b'] },
    { name: 'b', lifetime: 'singleton', uses: [] },
    { name: 'c', lifetime: 'request', uses: [] },
  ])
})

test('whether a service is provided is known without asking for it', () => {
  const present = service<number>('present')
  const faked = service<number>('faked')
  const absent = service<number>('absent')
  const container = createContainer([provide(present, () => 1)], { swaps: [{ token: faked, value: 2 }] })
  expect([present, faked, absent].map((token) => container.provides(token))).toEqual([true, true, false])
})
