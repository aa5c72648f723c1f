import { expect, test } from 'vitest'
import { describeTarget, parseConnectionUrl } from './connection-url.ts'

test.for([
  ['sqlite:./data/app.sqlite', 'sqlite:./data/app.sqlite'],
  ['sqlite://data/app.sqlite', 'sqlite:data/app.sqlite'],
  ['sqlite:///var/app.sqlite', 'sqlite:/var/app.sqlite'],
  ['sqlite::memory:', 'sqlite::memory:'],
  ['sqlite://:memory:', 'sqlite::memory:'],
  [':memory:', 'sqlite::memory:'],
  ['postgres://app:secret@db:5432/shop?sslmode=require', 'postgres://db:5432/shop'],
  ['postgresql://db/shop', 'postgres://db/shop'],
  ['mysql://app:secret@db/shop', 'mysql://db/shop'],
  ['mariadb://db/shop', 'mysql://db/shop'],
] as const)('%s leads to %s', ([url, shown]) => {
  expect(describeTarget(parseConnectionUrl(url, 'DATABASE_URL'))).toBe(shown)
})

test.for(['', 'sqlite:', 'oracle://db/shop', 'postgres://db', 'postgres://u:p@ss@db:port/shop', 'shop'])('%j is refused, and not shown', (url) => {
  const parse = () => parseConnectionUrl(url, 'DATABASE_URL')
  expect(parse).toThrow(expect.objectContaining({ code: 'DATABASE_URL_INVALID', detail: expect.stringContaining('DATABASE_URL') }))
  if (url !== '') expect(parse).toThrow(expect.not.objectContaining({ detail: expect.stringContaining('p@ss') }))
})
