import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createContainer } from './container.ts'
import { provide, type Provider } from './provide.ts'
import { service, type Service } from './service.ts'

/** `graph[i]` holds the numbers of the services that service i uses. */
type Graph = readonly (readonly number[])[]

/** Edges lead from higher to lower numbers only, so there is no cycle. */
const acyclic: fc.Arbitrary<Graph> = fc
  .integer({ min: 1, max: 12 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => (index === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(index - 1))))))

/** An acyclic graph and a ring through some of its services, in random order. */
const cyclic: fc.Arbitrary<Graph> = acyclic
  .chain((graph) =>
    fc.tuple(
      fc.constant(graph),
      fc.shuffledSubarray(
        graph.map((_, index) => index),
        { minLength: 1 },
      ),
    ),
  )
  .map(([graph, ring]) => graph.map((uses, index) => (ring.includes(index) ? [...uses, ring[(ring.indexOf(index) + 1) % ring.length] as number] : uses)))

function providersOf(graph: Graph, happened: string[]): Provider[] {
  const tokens = graph.map((_, index) => service<number>(String(index)))
  return graph.map((uses, index) =>
    provide(
      tokens[index] as Service<number>,
      ({ use }) => {
        for (const used of uses) use(tokens[used] as Service<number>)
        return index
      },
      { start: () => void happened.push(`start ${index}`), stop: () => void happened.push(`stop ${index}`) },
    ),
  )
}

test('whatever the graph and the order of providers, services start after what they use and stop in the exact reverse', async () => {
  await fc.assert(
    fc.asyncProperty(
      acyclic.chain((graph) =>
        fc.tuple(
          fc.constant(graph),
          fc.shuffledSubarray(
            graph.map((_, index) => index),
            { minLength: graph.length },
          ),
        ),
      ),
      async ([graph, order]) => {
        const happened: string[] = []
        const providers = providersOf(graph, happened)
        const container = createContainer(order.map((index) => providers[index] as Provider))
        await container.start()
        const started = happened.map((line) => Number(line.slice('start '.length)))
        expect(started.toSorted((a, b) => a - b)).toEqual(graph.map((_, index) => index))
        graph.forEach((uses, index) => uses.forEach((used) => expect(started.indexOf(used)).toBeLessThan(started.indexOf(index))))
        happened.length = 0
        await container.stop()
        expect(happened).toEqual(started.toReversed().map((index) => `stop ${index}`))
      },
    ),
    { numRuns: 200 },
  )
})

test('the same providers in the same order always start in the same order', async () => {
  await fc.assert(
    fc.asyncProperty(acyclic, async (graph) => {
      const runs: string[][] = [[], []]
      for (const happened of runs) await createContainer(providersOf(graph, happened)).start()
      expect(runs[0]).toEqual(runs[1])
    }),
    { numRuns: 50 },
  )
})

test('whatever the graph, a cycle is reported, and the path is one', () => {
  fc.assert(
    fc.property(cyclic, (graph) => {
      let error: { code?: string; detail?: string } = {}
      try {
        createContainer(providersOf(graph, []))
      } catch (thrown) {
        error = thrown as typeof error
      }
      expect(error.code).toBe('SERVICE_CYCLE')
      const path = (/: (.+)\.$/.exec(error.detail ?? '')?.[1] ?? '').split(' → ').map(Number)
      expect(path.length).toBeGreaterThan(1)
      expect(path.at(0)).toBe(path.at(-1))
      expect(new Set(path).size).toBe(path.length - 1)
      for (let step = 1; step < path.length; step++) expect(graph[path[step - 1] as number]).toContain(path[step])
    }),
    { numRuns: 200 },
  )
})
