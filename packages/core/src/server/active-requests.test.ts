import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ActiveRequests, type ActiveRequest } from './active-requests.ts'

class Request implements ActiveRequest<Request> {
  before: Request | undefined = undefined
  after: Request | undefined = undefined
  isActive = false
}

test('holds what a set would hold, whoever joins and leaves', () => {
  const step = fc.record({ joins: fc.boolean(), pick: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const active = new ActiveRequests<Request>()
      const model: Request[] = []
      const left: Request[] = []
      for (const { joins, pick } of steps) {
        if (joins) {
          const request = new Request()
          active.add(request)
          model.unshift(request)
        } else {
          const request = [...model, ...left][pick % Math.max(1, model.length + left.length)]
          if (request === undefined) continue
          active.delete(request)
          const at = model.indexOf(request)
          if (at !== -1) left.push(...model.splice(at, 1))
        }
        expect(active.size).toBe(model.length)
        expect(active.list()).toEqual(model)
      }
    }),
  )
})

test('requests that left hold no other', () => {
  const active = new ActiveRequests<Request>()
  const [one, other] = [new Request(), new Request()]
  active.add(one)
  active.add(other)
  active.delete(one)
  expect([one.before, one.after, other.before, other.after]).toEqual([undefined, undefined, undefined, undefined])
})
