import { Authorizer, mount, provide, route, strategy } from 'glueful'
import { expect, test } from 'vitest'
import { openDoor, sendRaw } from './doors.ts'

let reached = 0
const never = strategy('never', { authenticate: () => undefined })
const nobody = provide(Authorizer, () => ({ can: () => false }))
const secret = () => {
  reached++
  return 'secret'
}
const guarded = { strategies: [never], services: [nobody] }
const routes = {
  stats: route.get('/admin/stats', { auth: 'never', can: 'admin.stats' }, secret),
  order: route.get('/admin/orders/:id', { auth: 'never', can: 'admin.orders' }, secret),
  remove: route.delete('/admin/orders/:id', { auth: 'never', can: 'admin.orders' }, secret),
}

/** Request targets as they may stand on the wire, and the method where it is not GET. */
const spellings: readonly (readonly [target: string, method?: string])[] = [
  ['/admin/stats'], ['/admin/stats/'], ['/admin/stats//'], ['//admin/stats'], ['/admin//stats'], ['///admin///stats'],
  ['/admin/./stats'], ['/./admin/stats'], ['/admin/../admin/stats'], ['/x/../admin/stats'], ['/admin/stats/.'], ['/admin/stats/..'],
  ['/admin/stats/../stats'], ['/admin/%2e/stats'], ['/%2e%2e/admin/stats'], ['/x/%2E%2E/admin/stats'], ['/admin/.%2e/admin/stats'],
  ['/%61dmin/stats'], ['/%61%64%6d%69%6e/%73%74%61%74%73'], ['/admin/st%61ts'], ['/admin%2Fstats'], ['/admin%2fstats'], ['/%2Fadmin/stats'],
  ['/admin/stats%2F'], ['/%2561dmin/stats'], ['/admin%252Fstats'], ['/admin/%2573tats'], ['/admin/stats%00'], ['/admin/%00stats'],
  ['/admin/stats\u0000'], ['/admin/stats%0a'], ['/admin/stats%20'], ['/admin/stats%09'], ['/ADMIN/stats'], ['/Admin/Stats'], ['/admin/STATS'],
  ['/admin/stats;'], ['/admin/stats;x=1'], ['/admin;/stats'], ['/admin/stats;.css'], ['/admin/..;/admin/stats'], ['/;/admin/stats'],
  ['/admin\\stats'], ['\\admin\\stats'], ['/admin/stats\\'], ['/admin%5Cstats'], ['/x\\..\\admin\\stats'], ['/admin/%c0%af'], ['/%c0%ae%c0%ae/admin/stats'],
  ['/admin/%e0%80%afstats'], ['/admin/st%u0061ts'], ['/admin/stats%'], ['/admin/stats%zz'], ['/admin/stats.json'], ['/admin/stats.'], ['/admin/stats~'],
  ['/admin/stats?'], ['/admin/stats?x=/public'], ['/admin/stats#fragment'], ['/public/?/admin/stats'], ['/admin/ｓtats'], ['/admin/stats%EF%BB%BF'],
  ['/admin/%EF%BD%93tats'], ['http://localhost/admin/stats'], ['HTTP://localhost/admin/stats'], ['http://localhost//admin/stats'], ['http://evil.example/admin/stats'],
  ['http://user:pass@localhost/admin/stats'], ['admin/stats'], ['*'], ['/admin/stats', 'HEAD'], ['/admin/stats', 'OPTIONS'], ['/admin/stats', 'POST'],
  ['/admin/stats', 'TRACE'], ['/admin/stats', 'get'], ['/admin/stats', 'PROPFIND'], ['/admin/stats', 'QUERY'], ['/admin/orders/7'], ['/admin/orders/7/'],
  ['/admin/orders/%37'], ['/admin/orders/..%2f7'], ['/admin/orders/7%2F'], ['/admin/orders/%2e'], ['/admin/orders/7', 'DELETE'], ['/admin/orders/7/', 'DELETE'],
  ['/admin/orders/7', 'HEAD'], ['/admin/orders/7', 'OPTIONS'],
] // prettier-ignore

const withoutAnswer = new Set(['HEAD', 'OPTIONS'])

test('there are more than sixty of them', () => expect(spellings.length).toBeGreaterThan(60))

test('no spelling of a guarded path gets past its guard, on the wire', async () => {
  reached = 0
  await using door = await openDoor('socket', { ...guarded, routes })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  for (const [target, method = 'GET'] of spellings) {
    const answer = await sendRaw(port, `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
    const fine = method === 'OPTIONS' ? [204] : [400, 401, 404, 405, 501]
    expect(fine, `${method} ${target}: ${status}`).toContain(status)
    expect(answer).not.toContain('secret')
  }
  expect(reached).toBe(0)
})

test('nor in an in-process request', async () => {
  reached = 0
  await using door = await openDoor('fetch', { ...guarded, routes })
  for (const [target, method = 'GET'] of spellings) {
    if (method === 'TRACE' || !target.startsWith('/')) continue
    const answer = await door.send(method, target)
    expect(method === 'OPTIONS' ? [204] : [400, 401, 404, 405], `${method} ${target}: ${answer.status}`).toContain(answer.status)
    if (!withoutAnswer.has(method)) expect(answer.text).not.toContain('secret')
  }
  expect(reached).toBe(0)
})

test('a mounted application is guarded in every spelling, and sees the path that was matched', async () => {
  const seen: string[] = []
  const legacy = (request: Request) => {
    seen.push(new URL(request.url).pathname)
    return new Response('mounted')
  }
  await using door = await openDoor('socket', {
    ...guarded,
    routes: { guarded: mount('/admin', legacy, { auth: 'never' }), open: mount('/legacy', legacy), rest: mount('/', legacy) },
  })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const ask = async (target: string) => (await sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).slice(9, 12)
  for (const target of ['/admin', '/admin/', '/admin/x', '/%61dmin/x', '/admin/%2e%2e', '/x\\..\\admin\\y', '/legacy/../admin/x', '/legacy/%2e%2e/admin'])
    expect(['400', '401'], target).toContain(await ask(target))
  expect(seen).toEqual([])
  expect(await ask('/%6Cegacy/a%2Fb/c')).toBe('200')
  expect(await ask('/legacy/')).toBe('200')
  expect(seen).toEqual(['/a%2Fb/c', '/'])
})
