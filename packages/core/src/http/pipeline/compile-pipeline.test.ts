import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Context } from '../context/context.ts'
import { Reply } from '../context/reply.ts'
import { phases, type Phase, type Stage } from '../context/stage.ts'
import { compilePipeline, type PipelineParts } from './compile-pipeline.ts'

const parts: PipelineParts = {
  toReply: (value) => (value instanceof Reply ? value : new Reply(200, 'json', value)),
  encode: (_, reply) => {
    if (reply.body === 'unencodable') throw new TypeError('cannot encode')
    reply.payload = JSON.stringify(reply.body) ?? null
  },
  renderError: (_, error) => new Reply(500, 'json', { error: (error as Error).message }),
}

/** Stages and handlers here only pass the context on, so an empty object is one. */
const ctx = {} as Context

function stage(name: string, phase: Phase, rest: Partial<Stage>): Stage {
  return { name, phase, ...rest }
}

describe('a synchronous pipeline', () => {
  test('answers without a promise', () => {
    const { run } = compilePipeline([stage('a', 'edge', { before: () => {} })], () => ({ ok: true }), parts)
    const reply = run(ctx)
    expect(reply).toBeInstanceOf(Reply)
    expect((reply as Reply).payload).toBe('{"ok":true}')
  })

  test('a promise in any part makes one', () => {
    const { run } = compilePipeline([stage('a', 'edge', { before: async () => {} })], () => 1, parts)
    expect(run(ctx)).toBeInstanceOf(Promise)
  })
})

test('constant headers are gathered in phase order', () => {
  const pipeline = compilePipeline([stage('b', 'admit', { constantHeaders: ['b', '2'] }), stage('a', 'edge', { constantHeaders: ['a', '1'] })], () => 1, parts)
  expect(pipeline.constantHeaders.pairs).toEqual(['a', '1', 'b', '2'])
})

test('a reply of a stage ends the way in, and only the stages that were entered see it leave', async () => {
  const seen: string[] = []
  const traced = (name: string, phase: Phase, before?: Stage['before']) =>
    stage(name, phase, { before: before ?? (() => void seen.push(`${name} in`)), after: () => void seen.push(`${name} out`) })
  const { run } = compilePipeline(
    [traced('edge', 'edge'), traced('admit', 'admit', () => new Reply(429, 'json', 'slow down')), traced('guard', 'guard')],
    () => seen.push('handler'),
    parts,
  )
  expect(((await run(ctx)) as Reply).status).toBe(429)
  expect(seen).toEqual(['edge in', 'admit out', 'edge out'])
})

test('shape sees the value, send and the rest see the payload', async () => {
  const seen: unknown[] = []
  const look = (name: string, phase: Phase) => stage(name, phase, { after: (_, reply) => void seen.push([name, reply.payload]) })
  const { run } = compilePipeline([look('edge', 'edge'), look('shape', 'shape'), look('send', 'send'), look('guard', 'guard')], () => 'x', parts)
  await run(ctx)
  expect(seen).toEqual([
    ['shape', null],
    ['send', '"x"'],
    ['guard', '"x"'],
    ['edge', '"x"'],
  ])
})

test('shape and send do not see errors', async () => {
  const seen: string[] = []
  const look = (phase: Phase) => stage(phase, phase, { after: () => void seen.push(phase) })
  const { run } = compilePipeline(
    [look('edge'), look('shape'), look('send')],
    () => {
      throw new Error('broken')
    },
    parts,
  )
  const reply = await run(ctx)
  expect(reply.status).toBe(500)
  expect(seen).toEqual(['edge'])
})

test.each(['edge', 'shape', 'send', 'guard'] as const)('an error in the after of %s is rendered', async (phase) => {
  const { run } = compilePipeline(
    [
      stage('bad', phase, {
        after: () => {
          throw new Error(`in ${phase}`)
        },
      }),
    ],
    () => 1,
    parts,
  )
  const reply = await run(ctx)
  expect(reply.status).toBe(500)
  expect(reply.payload).toBe(`{"error":"in ${phase}"}`)
})

test('a body that cannot be encoded is rendered as an error', async () => {
  const { run } = compilePipeline([], () => 'unencodable', parts)
  expect((await run(ctx)).payload).toBe('{"error":"cannot encode"}')
})

test('around wraps all that comes later and may replace its answer', async () => {
  const seen: string[] = []
  const { run } = compilePipeline(
    [
      stage('early', 'edge', { before: () => void seen.push('early') }),
      stage('wrap', 'admit', {
        around: async (_, next) => {
          seen.push('wrap in')
          const inner = await next()
          seen.push(`wrap out ${inner.status}`)
          return new Reply(201, 'json', 'wrapped')
        },
      }),
      stage('late', 'guard', { before: () => void seen.push('late') }),
    ],
    () => {
      seen.push('handler')
      throw new Error('x')
    },
    parts,
  )
  const reply = await run(ctx)
  expect(seen).toEqual(['early', 'wrap in', 'late', 'handler', 'wrap out 500'])
  expect([reply.status, reply.payload]).toEqual([201, '"wrapped"'])
})

// The same stages, each part synchronous or not, must be indistinguishable from outside.
test('the order of events is that of the phases, whatever is asynchronous and wherever it fails', async () => {
  const part = fc.record({
    phase: fc.constantFrom(...phases.filter((phase) => phase !== 'handle')),
    before: fc.constantFrom('none', 'pass', 'reply', 'throw'),
    after: fc.constantFrom('none', 'pass', 'throw'),
    later: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 8 }), fc.boolean(), fc.boolean(), async (list, handlerThrows, handlerLater) => {
      const run = async (forceLater: boolean | undefined) => {
        const seen: string[] = []
        const act = (what: string, name: string, later: boolean): never => {
          seen.push(name)
          const result = () => {
            if (what === 'throw') throw new Error(name)
            return what === 'reply' ? new Reply(299, 'json', name) : undefined
          }
          return (later ? Promise.resolve().then(result) : result()) as never
        }
        const stages = list.map((item, index) => {
          const later = forceLater ?? item.later
          return stage(`${index}`, item.phase, {
            ...(item.before === 'none' ? {} : { before: () => act(item.before, `in ${index}`, later) }),
            ...(item.after === 'none' ? {} : { after: () => act(item.after, `out ${index}`, later) }),
          })
        })
        const pipeline = compilePipeline(stages, () => act(handlerThrows ? 'throw' : 'pass', 'handler', forceLater ?? handlerLater), parts)
        const reply = await pipeline.run(ctx)
        return { seen, status: reply.status, payload: reply.payload }
      }
      const mixed = await run(undefined)
      expect(mixed).toEqual(await run(false))
      expect(mixed).toEqual(await run(true))
    }),
    { numRuns: 300 },
  )
})
