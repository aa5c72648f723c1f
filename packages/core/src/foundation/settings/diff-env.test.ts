import { expect, test } from 'vitest'
import { diffEnv } from './diff-env.ts'

test('two environments are compared by names, never by values', () => {
  const difference = diffEnv({ B: 'hunter2', A: '1', constructor: 'x', C: '' }, { B: 'other', D: '3', C: undefined })
  expect(difference).toEqual({ onlyLeft: ['A', 'C', 'constructor'], onlyRight: ['D'] })
})
