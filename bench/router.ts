import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { createRouter } from '../packages/core/src/http/router/router.ts'
import { median } from './median.ts'
import type { BenchOptions } from './run.ts'

type Lookup = (path: string) => unknown
const peers = createRequire(new URL('./peers/package.json', import.meta.url))
const importPeer = async <T>(name: string) => (await import(pathToFileURL(peers.resolve(name)).href)) as T

function pathsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const base = `/area-${index % 25}/thing-${index}`
    return index % 3 === 0 ? base : index % 3 === 1 ? `${base}/:id` : `${base}/:id/part/:part`
  })
}

const subjects: Readonly<Record<string, (paths: readonly string[]) => Promise<Lookup>>> = {
  glueful: async (paths) => {
    const router = createRouter(
      paths.map((path, index) => ({ method: 'GET' as const, path, name: `r${index}`, value: index })),
      { trailingSlash: 'ignore' },
    )
    return (path) => router.find('GET', path)
  },
  'find-my-way': async (paths) => {
    const { default: create } = await importPeer<{ default: () => { on: (...args: unknown[]) => void; find: (method: string, path: string) => unknown } }>(
      'find-my-way',
    )
    const router = create()
    for (const path of paths) router.on('GET', path, () => {})
    return (path) => router.find('GET', path)
  },
  hono: async (paths) => {
    const { RegExpRouter } = await importPeer<{
      RegExpRouter: new () => { add: (...args: unknown[]) => void; match: (method: string, path: string) => unknown }
    }>('hono/router/reg-exp-router')
    const router = new RegExpRouter()
    paths.forEach((path, index) => router.add('GET', path, index))
    return (path) => router.match('GET', path)
  },
  rou3: async (paths) => {
    const {
      createRouter: create,
      addRoute,
      findRoute,
    } = await importPeer<{ createRouter: () => unknown; addRoute: (...args: unknown[]) => void; findRoute: (...args: unknown[]) => unknown }>('rou3')
    const router = create()
    paths.forEach((path, index) => addRoute(router, 'GET', path, index))
    return (path) => findRoute(router, 'GET', path)
  },
}

/** Lookups in 10, 200 and 2,000 routes: a static path, one and two parameters, a miss. Ratios are against find-my-way. */
export async function run({ quick, json }: BenchOptions): Promise<void> {
  const rows: { scenario: string; subject: string; nanos: number; ratio: number }[] = []
  const rounds = quick ? 3 : 9
  for (const count of [10, 200, 2_000]) {
    const paths = pathsOf(count)
    const last = (kind: number) => (paths.findLast((_, index) => index % 3 === kind) as string).replace(':id', '1234').replace(':part', 'door')
    const asked = { static: last(0), 'one parameter': last(1), 'two parameters': last(2), miss: '/area-3/nothing/here' }
    const lookups = Object.fromEntries(await Promise.all(Object.entries(subjects).map(async ([name, make]) => [name, await make(paths)] as const)))
    for (const [scenario, path] of Object.entries(asked)) {
      const samples: Record<string, number[]> = {}
      for (let round = 0; round < rounds; round++)
        for (const [name, lookup] of Object.entries(lookups)) (samples[name] ??= []).push(time(lookup, path, quick ? 50_000 : 200_000))
      const base = median(samples['find-my-way'] as number[])
      for (const [subject, values] of Object.entries(samples))
        rows.push({
          scenario: `${count} routes, ${scenario}`,
          subject,
          nanos: Math.round(median(values)),
          ratio: Math.round((base / median(values)) * 100) / 100,
        })
    }
  }
  process.stdout.write('| lookup | subject | ns | speed relative to find-my-way |\n|---|---|---:|---:|\n')
  process.stdout.write(rows.map((row) => `| ${row.scenario} | ${row.subject} | ${row.nanos} | ${row.ratio.toFixed(2)} |\n`).join(''))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}

let sink: unknown

function time(lookup: Lookup, path: string, count: number): number {
  const started = process.hrtime.bigint()
  for (let i = 0; i < count; i++) sink = lookup(path)
  const nanos = Number(process.hrtime.bigint() - started) / count
  if (sink === 0) throw new TypeError('a lookup was optimised away')
  return nanos
}
