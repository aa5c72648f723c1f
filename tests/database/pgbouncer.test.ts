import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { sql } from '@glueful/database'
import { databaseServers, testDatabase } from '@glueful/database/testing'
import { expect, test } from 'vitest'
import { openTestDatabase } from '../../packages/database/src/testing/open-test-database.ts'
import { freePort, untilListening } from './own-servers.ts'

const program = '/usr/sbin/pgbouncer'
const postgres = (await databaseServers()).find(({ dialect }) => dialect === 'postgres')
const possible = process.env['CI'] === 'true' || (existsSync(program) && postgres?.reachable === true)
const why = possible ? '' : ` (skipped: no ${program}, or no PostgreSQL)`

/** A pooler that gives each transaction any of two servers. */
async function startPooler(target: URL, extra = ''): Promise<{ readonly url: URL; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'glueful-pgbouncer-'))
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]\n* = host=${target.hostname} port=${target.port === '' ? 5432 : target.port} user=postgres\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=${port}\nunix_socket_dir=\nauth_type=any\npool_mode=transaction\ndefault_pool_size=2\n${extra}\n`,
  )
  let ids = {}
  if (userInfo().uid === 0) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })))
    ids = { uid, gid }
    await chown(folder, uid as number, gid as number)
  }
  const pooler: ChildProcess = spawn(program, [file], { ...ids, stdio: 'ignore' })
  await untilListening(port)
  const url = new URL(target)
  url.port = String(port)
  return {
    url,
    async stop() {
      pooler.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

test.skipIf(!possible).for(['?pgbouncer=true', ''])(`a transaction-mode pooler is no obstacle (%s)${why}`, async (parameters) => {
  await using place = await testDatabase('postgres')
  await place.db.script('create table counters (id integer primary key, n integer not null)')
  await place.db.run(sql`insert into counters values (1, 0)`)
  const pooler = await startPooler(new URL(place.url))
  try {
    const databases = await openTestDatabase(pooler.url.href + parameters, { poolMax: 8 })
    const db = databases.default
    const work = Array.from({ length: 40 }, async (_, index) => {
      await db.transaction(async () => {
        await db.run(sql`update counters set n = n + 1 where id = ${1}`)
        await db.transaction(async () => void (await db.all(sql`select n from counters where id = ${1}`)))
      })
      expect(await db.first(sql`select ${index}::int as n, current_setting('TimeZone') as zone`)).toEqual({ n: index, zone: 'UTC' })
    })
    await Promise.all(work)
    expect(await db.first(sql`select n from counters`)).toEqual({ n: 40 })
    await databases.stop()
  } finally {
    await pooler.stop()
  }
})

test.skipIf(!possible)(`names that a pooler loses are given up after the first refusal${why}`, async () => {
  await using place = await testDatabase('postgres')
  const pooler = await startPooler(new URL(place.url), 'ignore_startup_parameters=statement_timeout')
  try {
    const databases = await openTestDatabase(pooler.url.href, { poolMax: 8 })
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => databases.default.first(sql`select ${1}::int as n, pg_sleep(0.01) is null as slept`)))
      expect(new Set(answers.map((answer) => answer?.['n']))).toEqual(new Set([1]))
    }
    expect(await databases.default.transaction(() => databases.default.first(sql`select ${2}::int as n`))).toEqual({ n: 2 })
    await databases.stop()
  } finally {
    await pooler.stop()
  }
})
