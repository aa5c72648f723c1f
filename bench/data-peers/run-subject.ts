import { commentRow, commentsEach, postRow, postsEach, read, readTree, userRow, users, withPosts, type Dialect, type Subject } from './subjects/workload.ts'

/** What the process is asked to do. */
export interface Request {
  readonly scenario: string
  readonly ms: number
  /** Of processor time, so that everybody is warm on a busy machine too; otherwise as clocks go. */
  readonly warmUp: boolean
}

export interface Figures {
  readonly rps: number
  readonly p99: number
  readonly cpuMicros: number
}

/** Runs one subject's scenarios in a process of its own, whenever its parent asks. Arguments: SUBJECT DIALECT URL. */
const [subject = '', dialect = '', url = ''] = process.argv.slice(2)
const { open } = (await import(`./subjects/${subject}.ts`)) as { open: (dialect: Dialect, url: string) => Subject | Promise<Subject> }
const db = await open(dialect as Dialect, url)

let next = users + 1
let turn = 0
const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  find: async () => read(await db.find((turn++ % users) + 1)),
  list: async () => sum(await db.list()),
  eager: async () => readTree(await db.eager()),
  paginate: async () => {
    const { items, total } = await db.paginate((turn++ % 100) + 1)
    return sum(items) + total
  },
  'concurrent-finds': () => Promise.all(Array.from({ length: 50 }, () => db.find((turn++ % users) + 1).then(read))),
  update: () => db.update((turn++ % users) + 1, 18 + (turn % 50)),
  // Last, because what they add would make the others' tables as large as they are fast.
  insert: () => db.insert(userRow(next++)),
  'bulk-insert': () => db.bulkInsert(Array.from({ length: 1_000 }, () => userRow(next++))),
}

function sum(list: readonly Parameters<typeof read>[0][]): number {
  let total = 0
  for (const user of list) total += read(user)
  return total
}

/** The same answers as everybody else's, or the figures mean nothing. */
async function check(): Promise<void> {
  const found = await db.find(7)
  expectSame('find', read(found), read(userRow(7)))
  const list = await db.list()
  const wanted = Array.from({ length: users }, (_, index) => userRow(index + 1))
    .filter((user) => user.active && user.age > 30)
    .slice(0, 100)
  expectSame('list', sum(list), sum(wanted))
  const tree = await db.eager()
  const comments = tree.flatMap((user) => [...user.posts].flatMap((post) => [...post.comments]))
  expectSame('eager', `${tree.length} ${comments.length}`, `50 ${withPosts * postsEach * commentsEach}`)
  expectSame('eager, read', readTree(tree), readTree(wantedTree()))
  expectSame('paginate', sum((await db.paginate(2)).items), sum(Array.from({ length: 25 }, (_, index) => userRow(26 + index))))
}

function expectSame(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new TypeError(`${subject} ${dialect} ${what}: ${String(found)} instead of ${String(wanted)}`)
}

function wantedTree(): Awaited<ReturnType<Subject['eager']>> {
  const from = <T>(first: number, count: number, row: (id: number) => T) => Array.from({ length: count }, (_, index) => row(first + index))
  return from(1, 50, userRow).map((user) => ({
    ...user,
    posts: from((user.id - 1) * postsEach + 1, postsEach, postRow).map((post) => ({
      ...post,
      comments: from((post.id - 1) * commentsEach + 1, commentsEach, commentRow),
    })),
  }))
}

/** A warm-up ends when it has taken so many times its processor time by the clock, as where each write waits for a disk. */
const mostWait = 5

async function handle({ scenario, ms, warmUp }: Request): Promise<Figures> {
  const run = scenarios[scenario]
  if (run === undefined) throw new TypeError(`No scenario ${scenario}`)
  const start = process.cpuUsage()
  const used = () => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1_000
  }
  if (!warmUp) return measure(run, ms)
  const deadline = performance.now() + mostWait * ms
  while (used() < ms && performance.now() < deadline) await measure(run, ms / 20)
  return measure(run, ms / 20)
}

async function measure(run: () => Promise<unknown>, ms: number): Promise<Figures> {
  const until = performance.now() + ms
  const times: number[] = []
  const cpu = process.cpuUsage()
  const start = performance.now()
  let last = start
  while (last < until) {
    await run()
    const now = performance.now()
    times.push(now - last)
    last = now
  }
  const { user, system } = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  return { rps: (times.length / (last - start)) * 1_000, p99: times[Math.floor(times.length * 0.99)] ?? 0, cpuMicros: (user + system) / times.length }
}

await check()
process.on('message', (request: Request) => void handle(request).then((figures) => process.send?.(figures)))
// Whoever asked is gone, by an error or a signal.
process.once('disconnect', () => process.exit())
process.send?.('ready')
