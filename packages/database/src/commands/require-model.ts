import type { CommandInput } from 'glueful'
import { fail } from '../errors.ts'
import { setupOf } from './command-setup.ts'
import { pascal } from './words.ts'

/** @throws `COMMAND_ARGUMENT_INVALID` for a model that the application does not name */
export function requireModel(input: CommandInput, words: readonly string[]) {
  const { models } = setupOf(input)
  const model = models.find((candidate) => candidate.name === pascal(words))
  if (model !== undefined) return model
  const known = models.map(({ name }) => name)
  throw fail('COMMAND_ARGUMENT_INVALID', {
    what: 'the name of the model',
    found: pascal(words),
    expected: known.length === 0 ? 'a model that database({ models }) names' : `one of ${known.join(', ')}`,
  })
}
