import { expect, test } from 'vitest'
import { createApp } from '../../index.ts'
import { refuseUnknownOptions } from './refuse-unknown-options.ts'

interface Options {
  readonly url?: string
  readonly index?: string
}
const refuse = (options: object) => () => refuseUnknownOptions<Options>('search()', options, { url: true, index: true })

test('options that there are pass, also those without a value', () => {
  expect(refuse({})).not.toThrow()
  expect(refuse({ url: 'http://localhost', index: undefined })).not.toThrow()
})

test('OPTION_UNKNOWN: any other is refused, with what was meant or what there is', () => {
  expect(refuse({ ulr: 'http://localhost' })).toThrow("search() has no option 'ulr'. Did you mean 'url'?")
  expect(refuse({ middleware: [] })).toThrow("search() has no option 'middleware'. There are url, index.")
  // What every object inherits is no option.
  expect(refuse({ toString: 1 })).toThrow("search() has no option 'toString'")
})

test('an application with a member that nothing reads does not start', async () => {
  const app = createApp({ name: 'shop', routes: {}, extension: [] } as never).with({ env: {} })
  await expect(app.ready()).rejects.toMatchObject({ code: 'OPTION_UNKNOWN', detail: "createApp has no option 'extension'. Did you mean 'extensions'?" })
})
