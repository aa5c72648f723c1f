import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createDataSource } from './data-source.ts'
import type { Figures, Request } from './data-peers/run-subject.ts'
import type { Dialect } from './data-peers/subjects/workload.ts'

/** A subject at work in a process of its own, on a database of its own. It idles until it is asked. */
export interface RunningSubject {
  readonly name: string
  /** Runs a scenario over and over until it has taken so much processor time, in ms. */
  warmUp(scenario: string, ms: number): Promise<Figures>
  /** Runs a scenario over and over for so long, in ms. */
  measure(scenario: string, ms: number): Promise<Figures>
  stop(): Promise<void>
}

const script = fileURLToPath(new URL('./data-peers/run-subject.ts', import.meta.url))
/** All subjects share one core, one after the other; the server of the database has the others. */
const pin = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : []

export async function startSubject(name: string, dialect: Dialect): Promise<RunningSubject> {
  const source = await createDataSource(dialect)
  const command = [...pin, process.execPath, '--conditions=glueful-source', '--disable-warning=ExperimentalWarning', script, name, dialect, source.url]
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()))

  async function answer<T>(request?: Request): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const onExit = (code: number | null) => reject(new TypeError(`${name} on ${dialect} ended with ${code}`))
    child.once('message', resolve as (message: unknown) => void)
    child.once('exit', onExit)
    if (request !== undefined) child.send(request)
    try {
      return await promise
    } finally {
      child.off('exit', onExit)
    }
  }

  try {
    await answer()
  } catch (error) {
    await source.drop()
    throw error
  }
  return {
    name,
    warmUp: (scenario, ms) => answer<Figures>({ scenario, ms, warmUp: true }),
    measure: (scenario, ms) => answer<Figures>({ scenario, ms, warmUp: false }),
    async stop() {
      child.kill()
      await exited
      await source.drop()
    },
  }
}
