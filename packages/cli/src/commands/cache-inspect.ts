import { Cache } from 'glueful'
import { appOption, jsonOption, type BuiltInCommand } from '../command-definition.ts'
import { loadConfiguredApp } from '../load-app.ts'
import { renderTable } from '../render-table.ts'
import { requireSharedCache } from '../require-shared-cache.ts'

export const command: BuiltInCommand = {
  args: {
    ...appOption,
    ...jsonOption,
    name: { type: 'string', description: 'Cache of this name; responses for cached answers (default: default)', valueHint: 'NAME' },
    limit: { type: 'string', description: 'Most keys that are shown (default: 50)', valueHint: 'N' },
  },
  run: async (args) => {
    const app = await loadConfiguredApp(args['app'] as string | undefined)
    requireSharedCache(app)
    await app.ready()
    try {
      const name = (args['name'] as string | undefined) ?? 'default'
      const contents = await app
        .use(Cache)
        .named(name)
        .inspect(Number(args['limit'] ?? 50))
      if (args['json'] === true) process.stdout.write(`${JSON.stringify(contents, undefined, 2)}\n`)
      else {
        const rows = contents.keys.map((one) => [one.key, String(one.bytes), `${Math.round(one.freshForMs / 1000)} s`, one.tags.join(' ')])
        const size = contents.bytes === undefined ? '' : `, ${contents.bytes} bytes`
        process.stdout.write(`${renderTable(['KEY', 'BYTES', 'FRESH FOR', 'TAGS'], rows)}\n\n${contents.entries} entries${size} in ${contents.store}\n`)
      }
      return 0
    } finally {
      await app.close()
    }
  },
}
