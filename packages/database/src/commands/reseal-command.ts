import { Extensions, Sealing, type Command } from 'glueful'
import { reseal, type Resealed } from '../sealing/reseal.ts'
import { sealedColumnsOf } from '../sealing/sealed-columns.ts'
import { jsonOption, setupOf } from './command-setup.ts'

/** `glueful db reseal` */
export const resealCommand: Command = {
  name: 'db reseal',
  summary: 'Seal what is stored encrypted under the current APP_KEY',
  options: { 'dry-run': 'Count only', ...jsonOption },
  run: async (input) => {
    const setup = setupOf(input)
    const dryRun = input.options['dry-run'] === true
    const sealed = sealedColumnsOf(setup.models, input.app.use(Extensions))
    const results = await setup.connected((database) => reseal(database, input.app.use(Sealing), sealed, { dryRun }))
    if (input.options['json'] === true) input.print(JSON.stringify(results, undefined, 2))
    else input.print(results.length === 0 ? 'Nothing is stored encrypted.' : results.map((result) => describe(result, dryRun)).join('\n'))
    return results.some(({ lost }) => lost > 0) ? 1 : 0
  },
}

function describe({ table, column, resealed, current, lost, lostKeys }: Resealed, dryRun: boolean): string {
  const unreadable = lost === 0 ? '' : `, ${lost} cannot be opened (${lostKeys.join(', ')}${lost > lostKeys.length ? ', …' : ''})`
  return `${table}.${column}: ${resealed} ${dryRun ? 'to be sealed' : 'sealed'} anew, ${current} were current${unreadable}`
}
