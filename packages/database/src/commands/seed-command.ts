import type { Command, CommandInput } from 'glueful'
import { runSeeders } from '../seeders/run-seeders.ts'
import { forceOption, jsonOption, requireForce, setupOf, wholeNumber } from './command-setup.ts'

/** `glueful db seed` */
export const seedCommand: Command = {
  name: 'db seed',
  summary: 'Fill the database with the data of the seeders, each once',
  arguments: '[NAME…]',
  options: {
    seed: { summary: 'Of the data that factories make (default: 1)', value: 'N' },
    again: 'Also seeders that have run before',
    ...forceOption,
    ...jsonOption,
  },
  run: (input) => seed(input, input.args),
}

/** Runs the seeders that are named, or all. */
export async function seed(input: CommandInput, names: readonly string[]): Promise<number> {
  const setup = setupOf(input)
  requireForce(input, setup, 'db seed', 'fills tables with invented data')
  const number = wholeNumber(input, 'seed')
  const steps = await setup.connected(async (database) =>
    runSeeders(database, await setup.seeders(), { names, again: input.options['again'] === true, ...(number === undefined ? {} : { seed: number }) }),
  )
  if (input.options['json'] === true) input.print(JSON.stringify(steps, undefined, 2))
  else if (steps.length === 0)
    input.print(
      "There are no seeders; glueful make seeder MODEL writes one, and database({ seeders: new URL('./seeders', import.meta.url) }) names their folder.",
    )
  else for (const { name, ran, durationMs } of steps) input.print(ran ? `seeded   ${name}  ${durationMs} ms` : `skipped  ${name}, it has run before`)
  return 0
}
