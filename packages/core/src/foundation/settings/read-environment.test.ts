import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEnvironment } from './read-environment.ts'

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-env-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const layered = folderWith({ '.env': 'A=1\nB=1\nC=1\nD=1', '.env.production': 'B=2\nC=2\nD=2', '.env.local': 'C=3\nD=3' })

test('later files override earlier ones, and the process environment all of them', () => {
  expect(readEnvironment({ directory: layered, env: { APP_ENV: 'production', D: '4' } })).toEqual({
    environment: 'production',
    variables: { APP_ENV: 'production', A: '1', B: '2', C: '3', D: '4' },
  })
})

test('tests do not read .env.local, and no file has to be there', () => {
  const read = (directory: string, environment: 'test' | 'production') => readEnvironment({ directory, environment, env: {} }).variables
  expect(read(layered, 'test')).toEqual({ A: '1', B: '1', C: '1', D: '1' })
  expect(read(folderWith({}), 'production')).toEqual({})
})

test('the environment is named by APP_ENV, then NODE_ENV, then a file', () => {
  const directory = folderWith({ '.env': 'APP_ENV=test', '.env.production': 'X=1' })
  const named = (env: Record<string, string>) => readEnvironment({ directory, env }).environment
  expect([named({ APP_ENV: 'production', NODE_ENV: 'test' }), named({ APP_ENV: '', NODE_ENV: 'production' }), named({})]).toEqual([
    'production',
    'production',
    'test',
  ])
  expect(readEnvironment({ directory: folderWith({ '.env': 'APP_ENV=test', '.env.local': 'APP_ENV=production' }), env: {} }).environment).toBe('production')
  expect(readEnvironment({ directory: folderWith({}), env: {} }).environment).toBe('development')
  expect(readEnvironment({ directory, env: { APP_ENV: 'test' }, environment: 'production' }).variables['X']).toBe('1')
})

test('an environment of another name is ENVIRONMENT_UNKNOWN', () => {
  expect(() => readEnvironment({ directory: folderWith({}), env: { APP_ENV: 'prod' } })).toThrow(expect.objectContaining({ code: 'ENVIRONMENT_UNKNOWN' }))
  expect(() => readEnvironment({ directory: folderWith({ '.env': 'NODE_ENV=staging' }), env: {} })).toThrow(
    expect.objectContaining({ code: 'ENVIRONMENT_UNKNOWN' }),
  )
})

test('a .env that cannot be read is DOTENV_UNREADABLE', () => {
  const directory = folderWith({})
  mkdirSync(join(directory, '.env'))
  expect(() => readEnvironment({ directory, env: {} })).toThrow(
    expect.objectContaining({ code: 'DOTENV_UNREADABLE', detail: `${join(directory, '.env')} is there and cannot be read (EISDIR).` }),
  )
})

test('a malformed file is DOTENV_MALFORMED with its name', () => {
  expect(() => readEnvironment({ directory: folderWith({ '.env.test': 'A' }), env: {}, environment: 'test' })).toThrow(
    expect.objectContaining({ code: 'DOTENV_MALFORMED', detail: expect.stringContaining('Line 1 of .env.test') }),
  )
})
