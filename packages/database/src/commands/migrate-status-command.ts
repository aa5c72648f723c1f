import type { Command } from 'glueful'
import { jsonOption, renderColumns, setupOf } from './command-setup.ts'

/** `glueful migrate status` */
export const statusCommand: Command = {
  name: 'migrate status',
  summary: 'List the migrations: applied, pending, changed since, or unknown to the application',
  options: { ...jsonOption },
  run: async (input) => {
    const setup = setupOf(input)
    const status = await setup.connected(async (database) => (await setup.migrator(database)).status())
    const isChanged = status.some(({ state }) => state === 'changed')
    if (input.options['json'] === true) {
      input.print(JSON.stringify(status, undefined, 2))
      return isChanged ? 1 : 0
    }
    if (status.length === 0) input.print('There are no migrations.')
    else {
      const rows = status.map(({ name, state, applied }) => [
        state,
        name,
        applied === undefined ? '' : String(applied.batch),
        applied === undefined ? '' : applied.appliedAt.toISOString(),
        applied === undefined ? '' : `${applied.durationMs} ms`,
      ])
      input.print(renderColumns([['STATE', 'NAME', 'RUN', 'APPLIED', 'TOOK'], ...rows]))
    }
    return isChanged ? 1 : 0
  },
}
