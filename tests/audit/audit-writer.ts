// A program of its own: makes audited changes until it is killed, and says on standard output what was acknowledged.
import { currentDatabase, sql, transaction } from '@glueful/database'
import { createRedactor, createSealing, systemClock } from 'glueful'
import { createAuditSeal } from '../../packages/auth/src/audit/audit-seal.ts'
import { createAuditTrail } from '../../packages/auth/src/audit/audit-trail.ts'
import { openTestDatabase } from '../../packages/database/src/testing/open-test-database.ts'
import { addBooted } from '../../packages/database/src/connection/databases.ts'

const [url = '', first = '0'] = process.argv.slice(2)
const databases = await openTestDatabase(url)
addBooted(databases)
const db = currentDatabase()
const seal = createAuditSeal(createSealing({ appKey: undefined, appPreviousKeys: undefined }, 'test'))
const trail = createAuditTrail({ db, clock: systemClock, seal, redact: createRedactor() })

for (let id = Number(first); ; id++) {
  await transaction(async () => {
    await db.run(sql`insert into cars (id) values (${id})`)
    await trail.record({ actor: null, action: 'car.created', target: `car:${id}`, result: 'ok', requestId: null, ip: null })
  })
  process.stdout.write(`${id}\n`)
}
