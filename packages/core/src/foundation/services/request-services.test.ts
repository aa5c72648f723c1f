import { expect, test, vi } from 'vitest'
import { createContainer } from './container.ts'
import { provide } from './provide.ts'
import { service } from './service.ts'

interface Named {
  readonly label: string
}
const Db = service<Named>('db')
const Tx = service<Named>('tx')
const Repo = service<Named>('repo')
const aRequest = () => ({ scope: new Map() })

test('each request has its own value, made when it first asks, and shares the singletons', () => {
  let count = 0
  const create = vi.fn()
  const container = createContainer([
    provide(Db, () => ({ label: 'db' })),
    provide(Tx, ({ use }) => (create(), { label: `${use(Db).label} tx ${++count}` }), { lifetime: 'request' }),
    provide(Repo, ({ use }) => ({ label: `repo of ${use(Tx).label}` }), { lifetime: 'request' }),
  ])
  const [first, second] = [aRequest(), aRequest()]
  expect(create).not.toHaveBeenCalled()
  expect(container.useIn(Repo, first).label).toBe('repo of db tx 1')
  expect(container.useIn(Tx, first).label).toBe('db tx 1')
  expect(container.useIn(Tx, second).label).toBe('db tx 2')
  expect(container.useIn(Db, first)).toBe(container.useIn(Db, second))
  expect(container.describe()[2]).toEqual({ name: 'repo', lifetime: 'request', uses: ['tx'] })
})

test('a singleton that uses a request service is refused at boot with the path', () => {
  const providers = [provide(Repo, ({ use }) => use(Db)), provide(Db, ({ use }) => use(Tx)), provide(Tx, () => ({ label: 'tx' }), { lifetime: 'request' })]
  expect(() => createContainer(providers)).toThrow(
    expect.objectContaining({ code: 'SERVICE_SCOPE_MISMATCH', detail: expect.stringContaining('repo → db → tx') }),
  )
})

test('a request service outside a request is an error', () => {
  const container = createContainer([provide(Tx, () => ({ label: 'tx' }), { lifetime: 'request' })])
  expect(() => container.use(Tx)).toThrow(expect.objectContaining({ code: 'SERVICE_SCOPE_MISMATCH' }))
})

test('a cycle or a gap among request services is reported with its path', () => {
  const container = createContainer([
    provide(Tx, ({ use }) => use(Repo), { lifetime: 'request' }),
    provide(Repo, ({ use }) => use(Tx), { lifetime: 'request' }),
    provide(Db, ({ use }) => use(service<Named>('gap')), { lifetime: 'request' }),
  ])
  expect(() => container.useIn(Tx, aRequest())).toThrow(expect.objectContaining({ code: 'SERVICE_CYCLE', detail: expect.stringContaining('tx → repo → tx') }))
  expect(() => container.useIn(Db, aRequest())).toThrow(expect.objectContaining({ code: 'SERVICE_MISSING', detail: expect.stringContaining('db → gap') }))
})

test('what a request factory throws reaches the caller as it is', () => {
  const failure = new RangeError('no tenant')
  const container = createContainer([
    provide(
      Tx,
      () => {
        throw failure
      },
      { lifetime: 'request' },
    ),
  ])
  expect(() => container.useIn(Tx, aRequest())).toThrow(failure)
})

test('a factory that returns a promise is refused', () => {
  const Async = service<Promise<void>>('async')
  const container = createContainer([provide(Async, () => Promise.resolve(), { lifetime: 'request' })])
  expect(() => container.useIn(Async, aRequest())).toThrow(expect.objectContaining({ code: 'SERVICE_FACTORY_ASYNC' }))
})

test('at the end of a request its values are stopped, latest first; a failure keeps no other from it', async () => {
  const happened: string[] = []
  const container = createContainer([
    provide(Db, () => ({ label: 'db', [Symbol.dispose]: () => void happened.push('db') })),
    provide(Tx, () => ({ label: 'tx', [Symbol.asyncDispose]: async () => void happened.push('tx') }), { lifetime: 'request' }),
    provide(Repo, ({ use }) => ({ label: use(Tx).label }), { lifetime: 'request', stop: () => (happened.push('repo'), Promise.reject(new Error('stuck'))) }),
  ])
  const [request, other] = [aRequest(), aRequest()]
  container.useIn(Repo, request)
  container.useIn(Tx, other)
  await expect(container.endRequest(request)).rejects.toMatchObject({ code: 'SERVICE_STOP_FAILED', cause: { message: 'stuck' } })
  expect(happened).toEqual(['repo', 'tx'])
  await container.endRequest(request)
  expect(happened).toHaveLength(2)
})

test('after the end of a request its services cannot be made any more, and the singletons still answer', async () => {
  const container = createContainer([provide(Tx, () => ({ label: 'tx' }), { lifetime: 'request' }), provide(Db, () => ({ label: 'db' }))])
  const request = aRequest()
  await container.endRequest(request)
  expect(() => container.useIn(Tx, request)).toThrow(expect.objectContaining({ code: 'SERVICE_REQUEST_ENDED' }))
  expect(container.useIn(Db, request).label).toBe('db')
})

test('after the stop no request service is made', async () => {
  const container = createContainer([provide(Tx, () => ({ label: 'tx' }), { lifetime: 'request' })])
  await container.stop()
  expect(() => container.useIn(Tx, aRequest())).toThrow(expect.objectContaining({ code: 'SERVICE_STOPPED' }))
})
