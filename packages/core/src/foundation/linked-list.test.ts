import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LinkedList, type Linked } from './linked-list.ts'

class Item implements Linked<Item> {
  before: Item | undefined = undefined
  after: Item | undefined = undefined
  isLinked = false
}

test('holds what a set would hold, whoever joins and leaves', () => {
  const step = fc.record({ joins: fc.boolean(), pick: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const list = new LinkedList<Item>()
      const model: Item[] = []
      const left: Item[] = []
      for (const { joins, pick } of steps) {
        if (joins) {
          const item = new Item()
          list.add(item)
          model.unshift(item)
        } else {
          const item = [...model, ...left][pick % Math.max(1, model.length + left.length)]
          if (item === undefined) continue
          list.delete(item)
          const at = model.indexOf(item)
          if (at !== -1) left.push(...model.splice(at, 1))
        }
        expect(list.size).toBe(model.length)
        expect(list.list()).toEqual(model)
      }
    }),
  )
})

test('items that left hold no other', () => {
  const list = new LinkedList<Item>()
  const [one, other] = [new Item(), new Item()]
  list.add(one)
  list.add(other)
  list.delete(one)
  expect([one.before, one.after, other.before, other.after]).toEqual([undefined, undefined, undefined, undefined])
})
