import type { FoundRisk, SecurityCheck } from 'glueful/security'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { DatabasesService } from '../extension/databases-service.ts'
import { sql } from '../sql/sql.ts'

/** What the accounts of the connections may do. Looked at by `glueful security scan --live`. */
export const accountChecks: readonly SecurityCheck[] = [
  {
    id: 'DATABASE_ACCOUNT_UNLIMITED',
    severity: 'high',
    title: 'The application may do everything in its database server',
    references: ['API8:2023', 'ASVS 13.2.2'],
    async inspect({ use }) {
      const found = await Promise.all([...use(DatabasesService).all].map(async ([name, database]) => ({ name, rights: await unlimitedRights(database) })))
      return found.flatMap(({ name, rights }): FoundRisk[] =>
        rights === undefined
          ? []
          : [
              {
                subject: `connection ${name}`,
                reason: `Its account ${rights}: one injection, or one stolen password, and every database of the server is open.`,
                remedy: 'Make an account that may do what the application does, and no more.',
              },
            ],
      )
    },
  },
]

async function unlimitedRights(database: ManagedDatabase): Promise<string | undefined> {
  if (database.dialect === 'postgres') {
    const row = await database.first<{ all: boolean }>(sql`select rolsuper as "all" from pg_roles where rolname = current_user`)
    return row?.all === true ? 'is a superuser' : undefined
  }
  if (database.dialect !== 'mysql') return undefined
  const grants = await database.all<Record<string, string>>(sql`show grants`)
  const everywhere = grants.flatMap((row) => /^GRANT (.+?) ON \*\.\*/i.exec(Object.values(row)[0] ?? '')?.[1]?.split(/, ?/) ?? [])
  if (everywhere.includes('ALL PRIVILEGES')) return 'has all privileges on *.*'
  // MySQL 8 and later list them instead.
  const powers = everywhere.filter((privilege) => privilege === 'SUPER' || privilege === 'CREATE USER')
  return powers.length === 0 ? undefined : `has ${powers.join(' and ')} on *.*`
}
