import { createApp } from 'glueful'
import { auditSecurity } from 'glueful/security'
import { describe, expect, test } from 'vitest'
import { database, sql } from '../index.ts'
import { describeDialects } from '../testing/index.ts'

const secret = 'x9Kd0vQ2mT5bN8cZ'

await describeDialects(describe, (target) => {
  test('an account without limits is found in the started application, and one for the application is not', async () => {
    const { db, url, close } = await target.open()
    const account = `glueful_plain_${process.pid}`
    const app = createApp({ name: 'shop', routes: {}, extensions: [database({ connections: { plain: {} } })] })
    const plain = new URL(url)
    plain.username = account
    plain.password = secret
    const quoted = sql.raw(db.dialect === 'mysql' ? `'${account}'@'%'` : account)
    if (db.dialect === 'postgres') await db.run(sql`create role ${quoted} login password ${sql.raw(`'${secret}'`)}`)
    if (db.dialect === 'mysql') {
      await db.run(sql`create user ${quoted} identified by ${sql.raw(`'${secret}'`)}`)
      await db.run(sql`grant all privileges on ${sql.id(plain.pathname.slice(1))}.* to ${quoted}`)
    }
    try {
      const env = { DATABASE_URL: url, DATABASE_PLAIN_URL: db.dialect === 'sqlite' ? url : plain.href }
      const { findings } = await auditSecurity(app as never, { environment: 'test', live: true, env })
      const found = findings.filter(({ id }) => id === 'DATABASE_ACCOUNT_UNLIMITED').map(({ subject }) => subject)
      expect(found).toEqual(db.dialect === 'sqlite' ? [] : ['connection default'])
    } finally {
      if (db.dialect !== 'sqlite') await db.run(sql`drop ${sql.raw(db.dialect === 'mysql' ? 'user' : 'role')} ${quoted}`)
      await close()
    }
  })
})
