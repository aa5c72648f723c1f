import type { Command, CommandInput } from 'glueful'
import { fail } from '../errors.ts'
import { defaultOverlap, KeyStore, type StoredAlgorithm } from '../keys/key-store.ts'
import { durationOption, requiredArgument, started, textOption } from './options.ts'

const algorithms: readonly StoredAlgorithm[] = ['ES256', 'EdDSA', 'RS256']

function algorithmOf(input: CommandInput): { algorithm?: StoredAlgorithm } {
  const text = textOption(input, 'algorithm')
  if (text === undefined) return {}
  const algorithm = algorithms.find((known) => known === text)
  if (algorithm === undefined) throw fail('COMMAND_INPUT_INVALID', { reason: `--algorithm is ${text}; there are ${algorithms.join(', ')}` })
  return { algorithm }
}

/** `glueful key …`: the keys that sign tokens, where they are kept in the database. */
export const keyCommands: readonly Command[] = [
  {
    name: 'key generate',
    summary: 'Make a key for tokens that signs at once',
    options: { algorithm: { summary: 'ES256, EdDSA or RS256; JWT_ALGORITHM where it is left out', value: 'NAME' } },
    run: async (input) => {
      const { algorithm } = algorithmOf(input)
      const { kid, algorithm: made } = await (await started(input)).use(KeyStore).generate(algorithm)
      input.print(`Key ${kid} (${made}) signs from now on.`)
    },
  },
  {
    name: 'key rotate',
    summary: 'Make the key that takes over, and let the others run out',
    options: {
      algorithm: { summary: 'As of key generate', value: 'NAME' },
      overlap: { summary: 'When it takes over: 10m where it is left out, 0s for at once', value: 'DURATION' },
    },
    run: async (input) => {
      const overlap = durationOption(input, 'overlap') ?? defaultOverlap
      const { kid, algorithm, activeFrom } = await (await started(input)).use(KeyStore).rotate({ ...algorithmOf(input), overlap })
      input.print(`Key ${kid} (${algorithm}) signs from ${new Date(activeFrom).toISOString()}. The keys before it verify until their last tokens expire.`)
    },
  },
  {
    name: 'key list',
    summary: 'Show the keys for tokens',
    run: async (input) => {
      const keys = await (await started(input)).use(KeyStore).list()
      for (const { kid, algorithm, activeFrom, retiresAt } of keys) {
        const until = retiresAt === undefined ? '' : `, verifies until ${new Date(retiresAt).toISOString()}`
        input.print(`${kid}  ${algorithm}  signs from ${new Date(activeFrom).toISOString()}${until}`)
      }
      if (keys.length === 0) input.print('There are none: glueful key generate.')
    },
  },
  {
    name: 'key retire',
    summary: 'End a key at once, with all tokens that it signed',
    arguments: 'KID',
    run: async (input) => {
      const kid = requiredArgument(input, 'KID')
      const did = await (await started(input)).use(KeyStore).retire(kid)
      input.print(did ? `Key ${kid} verifies nothing any more.` : `There is no key ${kid} in use.`)
      return did ? 0 : 1
    },
  },
]
