import { Cache } from 'glueful'
import { appOption, type BuiltInCommand } from '../command-definition.ts'
import { loadConfiguredApp } from '../load-app.ts'
import { requireSharedCache } from '../require-shared-cache.ts'

export const command: BuiltInCommand = {
  args: {
    ...appOption,
    tag: { type: 'string', description: 'Only what carries one of these tags, separated by commas; cached answers included', valueHint: 'TAG,…' },
    name: { type: 'string', description: 'Cache of this name; responses for cached answers (default: all that is cached)', valueHint: 'NAME' },
  },
  run: async (args) => {
    const app = await loadConfiguredApp(args['app'] as string | undefined)
    requireSharedCache(app)
    await app.ready()
    try {
      const cache = app.use(Cache)
      const [tag, name] = [args['tag'], args['name']] as (string | undefined)[]
      if (tag !== undefined) await cache.flush(...tag.split(',').map((one) => one.trim()))
      else if (name !== undefined) await cache.named(name).clear()
      else await cache.clearAll()
      process.stdout.write(`${tag !== undefined ? `What carried ${tag}` : name !== undefined ? `The cache ${name}` : 'The cache'} is cleared.\n`)
      return 0
    } finally {
      await app.close()
    }
  },
}
