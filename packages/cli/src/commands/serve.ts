import cluster from 'node:cluster'
import { runCluster, serve } from 'glueful/server'
import { appOption, type BuiltInCommand } from '../command-definition.ts'
import { fail } from '../errors.ts'
import { loadConfiguredApp } from '../load-app.ts'

export const command: BuiltInCommand = {
  args: {
    ...appOption,
    port: { type: 'string', description: 'Port to listen on (default: PORT, 3000)', valueHint: 'PORT' },
    host: { type: 'string', description: 'Address to listen on (default: HOST)', valueHint: 'HOST' },
    worker: { type: 'boolean', description: 'Run background jobs in these processes too, as QUEUE_WORKER=true' },
    workers: { type: 'string', description: 'Processes that share the port (default: WORKERS, 1)', valueHint: 'N' },
  },
  run: async (args) => {
    // A setting like any other from here on; it is read when the application boots, in each process.
    if (args['worker'] === true) process.env['QUEUE_WORKER'] = 'true'
    const app = await loadConfiguredApp(args['app'] as string | undefined)
    const port = wholeNumber('port', args['port'], 0, 65_535)
    const core = app.coreSettings()
    const workers = wholeNumber('workers', args['workers'], 1, 1_024) ?? core.workers
    if (workers > 1 && cluster.isPrimary) {
      return runCluster({
        workers,
        exec: process.argv[1] as string,
        args: process.argv.slice(2),
        log: app.log(),
        shutdownTimeout: core.shutdownTimeout,
      })
    }
    return serve(app, {
      ...(port === undefined ? {} : { port }),
      ...(args['host'] === undefined ? {} : { host: args['host'] as string }),
      log: () => app.log(),
      onListening: (url) => {
        if (cluster.isPrimary || cluster.worker?.id === 1)
          announce(
            app.definition.name,
            url,
            app.routes().some((route) => route.path === '/docs'),
          )
      },
    })
  },
}

function announce(name: string, url: string, docs: boolean): void {
  process.stderr.write(`\n  ${name} is ready\n\n    API   ${url}\n${docs ? `    Docs  ${url}/docs\n` : ''}\n`)
}

export function wholeNumber(option: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!Number.isInteger(number) || number < min || number > max) {
    throw fail('COMMAND_OPTION_INVALID', { option, found: String(value), expected: `a whole number from ${min} to ${max}` })
  }
  return number
}
