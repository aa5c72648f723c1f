import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a process has loaded once it serves and has answered a request. */
async function loadedBy(routes: string): Promise<string[]> {
  const program = `
    import { createApp, route } from 'glueful'
    import { connect } from 'node:net'
    const app = createApp({ name: 'hello', routes: { hello: ${routes} } })
    const { port } = await app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /hello HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n')
    let answer = ''
    for await (const chunk of socket) answer += chunk
    if (!answer.startsWith('HTTP/1.1 200')) throw new Error(answer)
    process.stdout.write(JSON.stringify(process.moduleLoadList), () => process.exit(0))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=glueful-source', '--input-type=module', '-e', program], {
    cwd: root,
    env: { ...process.env, LOG_LEVEL: 'error', NODE_ENV: 'production' },
    maxBuffer: 1e7,
  })
  return JSON.parse(stdout) as string[]
}

test('an application that serves has loaded neither fetch nor HTTP/2, which Node takes long for', async () => {
  const loaded = await loadedBy(`route.get('/hello', () => ({ hello: 'world' }))`)
  expect(loaded.filter((name) => /undici|http2/.test(name))).toEqual([])
  expect(loaded.some((name) => name.endsWith('_http_server'))).toBe(true)
})
