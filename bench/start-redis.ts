import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'

/** Appends to a file, as a queue that keeps its jobs must. */
export async function startRedis(folder: string): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--dir', folder]
  const process = spawn('redis-server', args, { stdio: 'ignore' })
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return { url: `redis://127.0.0.1:${port}`, process }
    await new Promise((resolve) => void setTimeout(resolve, 20))
  }
}
