import { appOption, type BuiltInCommand } from '../command-definition.ts'
import { findAppFile } from '../load-app.ts'
import { runDevServer } from '../dev-server.ts'
import { wholeNumber } from './serve.ts'

export const command: BuiltInCommand = {
  args: {
    ...appOption,
    port: { type: 'string', description: 'Port to listen on (default: PORT, 3000)', valueHint: 'PORT' },
    host: { type: 'string', description: 'Address to listen on (default: HOST)', valueHint: 'HOST' },
    open: { type: 'boolean', description: 'Open the documentation in a browser' },
  },
  run: (args) => {
    const file = findAppFile(args['app'] as string | undefined)
    const port = wholeNumber('port', args['port'], 0, 65_535)
    const forwarded = [
      `--app=${file}`,
      ...(port === undefined ? [] : [`--port=${port}`]),
      ...(args['host'] === undefined ? [] : [`--host=${args['host'] as string}`]),
    ]
    return runDevServer({ appFile: file, args: forwarded, open: args['open'] === true })
  },
}
