import { createApp, listen, ServerListening } from 'glueful'
import { expect, test } from 'vitest'

test('that an application serves is told to listeners once a socket is open, and not before', async () => {
  const heard: string[] = []
  const app = createApp({ name: 'shop', routes: {}, listeners: [listen(ServerListening, ({ url }) => void heard.push(url))] }).with({
    environment: 'test',
    env: {},
  })
  await app.ready()
  expect(heard).toEqual([])
  const server = await app.listen({ port: 0 })
  expect(heard).toEqual([server.url])
  await app.close()
})
