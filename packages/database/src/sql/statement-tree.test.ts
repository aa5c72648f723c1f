import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StatementTree, type StatementNode } from './statement-tree.ts'

const walk = (tree: StatementTree, pieces: readonly string[]) => {
  let node: StatementNode = tree.root
  for (const piece of pieces) node = node.step(piece)
  return node
}

test('the same pieces lead to the same place, and others never do', () => {
  const pieces = fc.array(fc.constantFrom('', 'a', 'b', 'ab', '?'), { maxLength: 5 })
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (walks) => {
      const tree = new StatementTree()
      const expected = new Map<string, StatementNode>()
      for (const one of walks) {
        const node = walk(tree, one)
        const key = JSON.stringify(one)
        expect(expected.get(key) ?? node).toBe(node)
        expected.set(key, node)
      }
      expect(new Set(expected.values()).size).toBe(expected.size)
    }),
  )
})

test('ever other shapes do not take ever more memory', () => {
  const tree = new StatementTree()
  walk(tree, ['usual']).statement = 'kept for a while'
  for (let index = 0; index < 25_000; index++) walk(tree, ['filter', String(index)])
  expect(tree.size).toBeLessThanOrEqual(10_002)
  expect(walk(tree, ['usual']).statement).toBeUndefined()
})
