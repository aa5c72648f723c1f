import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('./migrating-process.ts', import.meta.url))

interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
}

function start(url: string, env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, ['--conditions=glueful-source', program], {
    env: { PATH: process.env['PATH'] ?? '', APP_ENV: 'test', LOG_LEVEL: 'warn', DATABASE_URL: url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout?.on('data', (data: Buffer) => void (output += data.toString()))
  child.stderr?.on('data', (data: Buffer) => void (output += data.toString()))
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output })) }
}

const steps = ['step 0', 'step 1', 'step 2', 'step 3', 'step 4']

await describeDialects(describe, ({ open }) => {
  test('ten processes that start at once apply each migration exactly once', { timeout: 120_000 }, async () => {
    await using scratch = await open()
    const processes = Array.from({ length: 10 }, () => start(scratch.url))
    const ends = await Promise.all(processes.map(({ ended }) => ended))
    expect(ends.filter(({ code }) => code !== 0)).toEqual([])
    const runs = await scratch.db.all<{ name: string }>(sql`select name from runs order by id`)
    expect(runs.map(({ name }) => name)).toEqual(steps)
    const history = await scratch.db.all<{ batch: number }>(sql`select batch from schema_migrations where name like '%step' order by name`)
    expect(history.map(({ batch }) => batch)).toEqual([1, 1, 1, 1, 1])
  })

  test('a process that is killed while it migrates leaves no lock behind', { timeout: 120_000 }, async () => {
    await using scratch = await open()
    const hanging = start(scratch.url, { HANG: '1' })
    await once(hanging.child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
    const waiting = start(scratch.url)
    hanging.child.kill('SIGKILL')
    await hanging.ended
    expect(await waiting.ended).toMatchObject({ code: 0 })
    const runs = await scratch.db.all<{ name: string }>(sql`select name from runs order by id`)
    expect(runs.map(({ name }) => name)).toEqual(steps)
  })
})
