import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createApp } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { database, sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'

const stages = ['started', 'between', 'written', 'committed']

interface Server {
  readonly child: ChildProcess
  readonly port: number
}

/** Several processes that serve orders; one that is killed is replaced. */
async function startServers(url: string, count: number, onStage: (server: ChildProcess, stage: string) => void) {
  let stopping = false
  const servers: Server[] = []
  const children = new Set<ChildProcess>()
  async function start(): Promise<void> {
    const child = fork(join(import.meta.dirname, 'order-server.ts'), [url], { execArgv: ['--conditions=glueful-source'], stdio: 'inherit' })
    children.add(child)
    child.once('exit', () => children.delete(child))
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    if (stopping) return
    const server = { child, port }
    servers.push(server)
    child.on('message', ({ stage }: { stage: string }) => onStage(child, stage))
    child.once('exit', () => {
      servers.splice(servers.indexOf(server), 1)
      if (!stopping) void start()
    })
  }
  await Promise.all(Array.from({ length: count }, start))
  return {
    any: () => servers[Math.floor(Math.random() * servers.length)],
    async [Symbol.asyncDispose]() {
      stopping = true
      await Promise.all([...children].map(async (child) => (child.kill('SIGKILL'), once(child, 'exit'))))
    },
  }
}

await describeDialects(
  describe,
  ({ open }) => {
    test(
      'a thousand copies of one order over four processes, killed wherever the work is: one order, one stock movement, identical answers',
      { timeout: 90_000 },
      async () => {
        await using place = await open()
        await place.db.script(
          'create table stock (id int primary key, amount int not null); create table orders (id varchar(36) primary key, car int not null)',
        )
        await place.db.run(sql`insert into stock values (7, 10)`)
        const migrated = createApp({ name: 'orders', routes: {}, extensions: [database()] }).with({
          environment: 'test',
          env: { DATABASE_URL: place.url },
          logDestination: createMemoryDestination(),
        })
        await migrated.ready()
        await migrated.close()

        // Each attempt is killed one stage later than the one before it, the last after its commit and before its answer.
        const seen: string[] = []
        let killed = 0
        await using servers = await startServers(place.url, 4, (child, stage) => {
          seen.push(stage)
          if (stage !== stages[killed]) return void child.send('go on')
          killed++
          child.kill('SIGKILL')
        })

        let done = 0
        async function copy(): Promise<string> {
          for (;;) {
            const server = servers.any()
            const answer = await fetch(`http://127.0.0.1:${server?.port ?? 1}/orders`, {
              method: 'POST',
              body: '{"car":7}',
              headers: { 'content-type': 'application/json', 'idempotency-key': 'one-order' },
            }).catch(() => undefined)
            const text = await answer?.text().catch(() => undefined)
            if (answer !== undefined && text !== undefined && answer.status === 201) {
              // Some are killed while they give the same answer again.
              if (++done % 250 === 0) server?.child.kill('SIGKILL')
              return `${answer.status} ${answer.headers.get('location')} ${answer.headers.get('content-type')} ${text}`
            }
            if (answer !== undefined) expect([409, 503]).toContain(answer.status)
            // As a client does that is told to ask again later.
            await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 800))
          }
        }

        const answers = new Set<string>()
        let left = 1_000
        const client = async () => {
          while (left-- > 0) answers.add(await copy())
        }
        await Promise.all(Array.from({ length: 50 }, client))

        expect(answers.size).toBe(1)
        expect(killed).toBe(4)
        // On a slow machine more attempts begin, because a claim runs out while its work goes on; one commits.
        expect(seen.filter((stage) => stage === 'committed')).toHaveLength(1)
        expect(await place.db.all(sql`select count(*) as orders from orders`)).toEqual([{ orders: 1 }])
        expect(await place.db.all(sql`select amount from stock`)).toEqual([{ amount: 9 }])
        expect([...answers][0]).toContain((await place.db.first<{ id: string }>(sql`select id from orders`))?.id ?? 'none')
      },
    )
  },
  ['sqlite', 'postgres'],
)
