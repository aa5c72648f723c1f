import { appOption, jsonOption, type BuiltInCommand } from '../command-definition.ts'
import { loadConfiguredApp } from '../load-app.ts'
import { renderTable } from '../render-table.ts'

export const command: BuiltInCommand = {
  args: { ...appOption, ...jsonOption },
  run: async (args) => {
    const app = await loadConfiguredApp(args['app'] as string | undefined)
    const served = app.versions()
    const rows = (served?.supported ?? []).map((version) => {
      const deprecated = served?.deprecated.get(version)
      const operations = Object.values(app.openapi(version).paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0)
      const day = (date: Date | undefined) => date?.toISOString().slice(0, 10)
      return {
        version,
        default: version === served?.default,
        operations,
        deprecated: day(deprecated?.since),
        sunset: day(deprecated?.sunset),
        successor: deprecated?.successor,
      }
    })
    if (args['json'] === true) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`)
    else if (rows.length === 0) process.stdout.write('The application has no versions; see versions of createApp.\n')
    else
      process.stdout.write(
        `${renderTable(
          ['VERSION', 'OPERATIONS', 'DEPRECATED', 'SUNSET', 'SUCCESSOR'],
          rows.map((row) => [
            `${row.version}${row.default ? ' (default)' : ''}`,
            String(row.operations),
            row.deprecated ?? '-',
            row.sunset ?? '-',
            row.successor ?? '-',
          ]),
        )}\n`,
      )
    return 0
  },
}
