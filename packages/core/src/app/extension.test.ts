import { expect, test } from 'vitest'
import { createApp, defineExtension, Extensions, route } from '../index.ts'

declare module 'glueful' {
  interface Extension {
    readonly flavours?: readonly string[]
  }
}

test('a package adds members to extensions, and finds them in those of the application', async () => {
  const app = createApp({
    name: 'shop',
    routes: { flavours: route.get('/flavours', ({ use }) => use(Extensions).flatMap((extension) => extension.flavours ?? [])) },
    extensions: [defineExtension({ name: 'ice', flavours: ['mint'] }), defineExtension({ name: 'tea', flavours: ['green', 'black'] })],
  }).with({ env: {} })
  expect(await (await app.fetch(new Request('http://localhost/flavours'))).json()).toEqual(['mint', 'green', 'black'])
  await app.close()
})
