import { expect, test, vi } from 'vitest'
import { createContainer } from './container.ts'
import { provide } from './provide.ts'
import { service } from './service.ts'

interface Named {
  readonly label: string
}
const Bank = service<Named>('bank')
const Shop = service<Named>('shop')
const Cart = service<Named>('cart')
const fake = { label: 'fake' }

function shop() {
  const happened: string[] = []
  const hooks = (name: string) => ({ start: () => void happened.push(`start ${name}`), stop: () => void happened.push(`stop ${name}`) })
  const providers = [
    provide(Shop, ({ use }) => ({ label: `shop with ${use(Bank).label}` }), hooks('shop')),
    provide(Bank, () => ({ label: 'bank' }), hooks('bank')),
    provide(Cart, ({ use }) => ({ label: `cart with ${use(Bank).label}` }), { lifetime: 'request' }),
  ]
  return { providers, happened }
}

test('a swap before the start reaches those that were made with the original, which never starts', async () => {
  const { providers, happened } = shop()
  const container = createContainer(providers)
  container.swap(Bank, fake)
  await container.start()
  expect(container.use(Bank)).toBe(fake)
  expect(container.use(Shop).label).toBe('shop with fake')
  expect(container.useIn(Cart, { scope: new Map() }).label).toBe('cart with fake')
  await container.stop()
  expect(happened).toEqual(['start shop', 'stop shop'])
})

test('a swap before the start reaches through several services', async () => {
  const { providers } = shop()
  const Mall = service<Named>('mall')
  const container = createContainer([provide(Mall, ({ use }) => ({ label: `mall: ${use(Shop).label}` })), ...providers])
  container.swap(Bank, fake)
  container.swap(Bank, { label: 'second fake' })
  await container.start()
  expect(container.use(Mall).label).toBe('mall: shop with second fake')
})

test('a swap after the start is what everybody gets from then on, and the original still stops', async () => {
  const { providers, happened } = shop()
  const container = createContainer(providers)
  await container.start()
  container.swap(Bank, fake)
  expect(container.use(Bank)).toBe(fake)
  expect(container.useIn(Cart, { scope: new Map() }).label).toBe('cart with fake')
  await container.stop()
  expect(happened).toEqual(['start bank', 'start shop', 'stop shop', 'stop bank'])
})

test('fakes that are there from the beginning keep their originals from being made, and may stand for what nobody provides', async () => {
  const create = vi.fn(() => ({ label: 'bank' }))
  const container = createContainer([provide(Bank, create), provide(Shop, ({ use }) => ({ label: use(Bank).label + use(Cart).label }))], {
    swaps: [
      { token: Bank, value: fake },
      { token: Cart, value: { label: ' cart' } },
    ],
  })
  expect(container.use(Shop).label).toBe('fake cart')
  expect(create).not.toHaveBeenCalled()
})

test('a fake stands for a request service too, even where a singleton uses it', () => {
  const Checkout = service<Named>('checkout')
  const providers = [
    provide(Cart, () => ({ label: 'cart' }), { lifetime: 'request' }),
    provide(Shop, ({ use }) => use(Cart)),
    provide(Checkout, ({ use }) => use(Cart), { lifetime: 'request' }),
  ]
  const container = createContainer(providers, { swaps: [{ token: Cart, value: fake }] })
  expect(container.use(Shop)).toBe(fake)
  expect(container.useIn(Checkout, { scope: new Map() })).toBe(fake)
  expect(container.useIn(Cart, { scope: new Map() })).toBe(fake)
})

test('a replaced value that needed no start is disposed at the stop all the same', async () => {
  const dispose = vi.fn()
  const container = createContainer([provide(Bank, () => ({ label: 'bank', [Symbol.dispose]: dispose }))])
  container.swap(Bank, fake)
  await container.start()
  await container.stop()
  expect(dispose).toHaveBeenCalledTimes(1)
  expect(() => container.use(Bank)).toThrow(expect.objectContaining({ code: 'SERVICE_STOPPED' }))
})
