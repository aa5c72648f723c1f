import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

const source = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
// Each worker counts, and tells the sum over all when it is asked for it.
const worker = `
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createMetrics } from ${source('../../foundation/metrics/metrics.ts')}
import { joinSiblings } from ${source('./sibling-metrics.ts')}
const metrics = createMetrics()
const counter = metrics.counter({ name: 'sold_total', help: 'Cars sold.', labels: [] }).with()
metrics.gauge({ name: 'workers', help: 'Workers.', labels: [] }).with().set(1)
const name = process.argv.at(-1)
const siblings = joinSiblings({ name, snapshot: metrics.snapshot, interval: 50 })
const second = joinSiblings({ name, snapshot: metrics.snapshot, interval: 50 })
process.on('message', async (message) => {
  if (typeof message === 'number') counter.inc(message)
  if (message === 'leave') { second.close(); siblings.close(); process.exit(0) }
  if (message === 'clean') for (const folder of readdirSync(process.env.TMPDIR)) rmSync(join(process.env.TMPDIR, folder), { recursive: true })
  const { snapshot, workers } = await (message === 'second' ? second : siblings).collect()
  const sum = (name) => snapshot.find((family) => family.name === name).series[0].numbers[0]
  process.send({ sold: sum('sold_total'), gauge: sum('workers'), workers })
})
process.send('ready')
`
const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

const message = (child: ChildProcess) => new Promise((resolve) => child.once('message', resolve))

async function start(name: string, env: NodeJS.ProcessEnv = process.env): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', worker, '--', name], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env,
  })
  running.push(child)
  await message(child)
  return child
}

async function tell(child: ChildProcess, what: number | string): Promise<unknown> {
  const answer = message(child)
  child.send(what)
  return answer
}

async function end(child: ChildProcess, how: () => void): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  how()
  await ended
}

test('any worker tells the sum of all, and what a killed one had counted counts on', { timeout: 30_000 }, async () => {
  const name = `test-${crypto.randomUUID()}`
  const [one, two, three] = await Promise.all([start(name), start(name), start(name)])
  await tell(one, 1)
  await tell(two, 20)
  expect(await tell(three, 300)).toEqual({ sold: 321, gauge: 3, workers: 3 })
  expect(await tell(one, 'how many?')).toEqual({ sold: 321, gauge: 3, workers: 3 })
  // Until the counts are put aside, which a killed process can no longer do.
  await new Promise((resolve) => setTimeout(resolve, 300))
  await end(two, () => two.kill('SIGKILL'))
  expect(await tell(one, 4)).toEqual({ sold: 325, gauge: 2, workers: 2 })
  // One that is replaced leaves in order, and its counts stay as well: a sum that went back would look like a restart.
  await end(three, () => three.send('leave'))
  expect(await tell(one, 'how many?')).toEqual({ sold: 325, gauge: 1, workers: 1 })
})

test('the last one that leaves takes the folder along, those of killed ones included', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'siblings-'))
  const name = `test-${crypto.randomUUID()}`
  const [one, two, three] = await Promise.all(Array.from({ length: 3 }, () => start(name, { ...process.env, TMPDIR: folder })))
  await end(two as ChildProcess, () => two?.kill('SIGKILL'))
  await Promise.all([one, three].map((child) => end(child as ChildProcess, () => child?.send('leave'))))
  // What is left is of the killed one's second application, which was alone.
  expect(readdirSync(folder)).toHaveLength(1)
  rmSync(folder, { recursive: true })
})

test('applications of other names are no siblings', { timeout: 30_000 }, async () => {
  const [one, other] = await Promise.all([start(`test-${crypto.randomUUID()}`), start(`test-${crypto.randomUUID()}`)])
  await tell(one, 1)
  expect(await tell(other, 20)).toEqual({ sold: 20, gauge: 1, workers: 1 })
})

test('a second application of the same name in one process keeps to itself', { timeout: 30_000 }, async () => {
  const name = `test-${crypto.randomUUID()}`
  const [one, other] = await Promise.all([start(name), start(name)])
  await tell(one, 1)
  await tell(other, 20)
  expect(await tell(one, 'second')).toEqual({ sold: 1, gauge: 1, workers: 1 })
  expect(await tell(one, 'how many?')).toEqual({ sold: 21, gauge: 2, workers: 2 })
})

test('a worker whose folder was cleaned away answers for itself', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'siblings-'))
  const one = await start(`test-${crypto.randomUUID()}`, { ...process.env, TMPDIR: folder })
  await tell(one, 7)
  expect(await tell(one, 'clean')).toEqual({ sold: 7, gauge: 1, workers: 1 })
  rmSync(folder, { recursive: true })
})
