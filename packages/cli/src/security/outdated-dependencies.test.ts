import { expect, test } from 'vitest'
import { outdatedDependencies } from './outdated-dependencies.ts'

const entry = (current: string | undefined, latest: string, type = 'dependencies') => ({
  ...(current === undefined ? {} : { current }),
  wanted: latest,
  latest,
  type,
})

test('what is a major version behind is found, once, where it runs in production', () => {
  const answer = {
    behind: entry('2.4.3', '3.0.3'),
    twice: [entry('1.0.0', '2.0.0'), entry('1.0.0', '2.0.0')],
    one: [entry('2.0.0', '2.0.0'), entry('1.9.0', '2.0.0')],
    error: entry('1.0.0', '7.0.2'),
    minor: entry('2.4.3', '2.5.0'),
    tool: entry('1.0.0', '9.0.0', 'devDependencies'),
    absent: entry(undefined, '9.0.0'),
    odd: entry('git', '9.0.0'),
  }
  const found = outdatedDependencies('/', () => JSON.stringify(answer))
  expect(found.map(({ subject }) => subject)).toEqual(['package behind', 'package twice', 'package one', 'package error'])
  expect(found[0]).toMatchObject({ id: 'DEPENDENCY_OUTDATED', severity: 'low', reason: expect.stringContaining('2.4.3 is installed and 3.0.3 is out') })
  expect(outdatedDependencies('/', () => '{}')).toEqual([])
})

test('a registry that gives no answer is a finding, and never means that all is new', () => {
  const unreachable = JSON.stringify({ error: { code: 'ECONNREFUSED', summary: 'request to the registry failed' } })
  for (const answer of ['', 'no JSON', unreachable]) expect(outdatedDependencies('/', () => answer)).toMatchObject([{ id: 'UPDATES_UNKNOWN', severity: 'low' }])
})
