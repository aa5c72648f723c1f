import type { SecurityCheck, SecurityTarget } from 'glueful/security'
import type { DatabaseOptions } from '../extension/database-options.ts'
import { defaultUrl } from '../extension/open-databases.ts'
import { urlVariable, type databaseSettings } from '../extension/database-settings.ts'
import { listUrls } from '../extension/list-urls.ts'
import { modelsOf } from '../schema/model-tables.ts'
import { accountChecks } from './account-checks.ts'
import { connectionChecks, type ConfiguredConnection } from './connection-checks.ts'
import { modelChecks } from './model-checks.ts'

const minute = 60_000

/** What `glueful security check` looks for because of `database()`, in the order of the documentation. */
export function databaseSecurityChecks(settings: ReturnType<typeof databaseSettings>, options: DatabaseOptions): readonly SecurityCheck[] {
  function connectionsOf({ valuesOf, settings: core }: SecurityTarget): readonly ConfiguredConnection[] {
    const { url, urls, replicas, replicaUrls } = valuesOf(settings)
    return [
      { setting: 'DATABASE_URL', urls: [url?.reveal() ?? defaultUrl(core.environment)] },
      { setting: 'DATABASE_REPLICA_URLS', urls: listUrls(replicas) },
      ...Object.entries(urls).map(([name, secret]) => ({ setting: urlVariable(name), urls: [secret.reveal(), ...listUrls(replicaUrls[name])] })),
    ]
  }
  return [
    ...connectionChecks(connectionsOf),
    ...modelChecks(() => modelsOf(options.models ?? {})),
    {
      id: 'STATEMENTS_LONG',
      severity: 'medium',
      title: 'Statements may hold the database for long',
      references: ['API4:2023', 'ASVS 15.2.2'],
      find: ({ valuesOf }) =>
        valuesOf(settings).statementTimeout > 5 * minute
          ? [
              {
                subject: 'setting DATABASE_STATEMENT_TIMEOUT',
                reason: 'It is more than five minutes, so that a few costly requests keep all connections.',
                remedy: 'Set it to 30s, and do long work in jobs.',
              },
            ]
          : [],
    },
    {
      id: 'MIGRATES_ON_START',
      severity: 'low',
      title: 'What serves requests may change tables',
      references: ['API8:2023', 'ASVS 13.2.2'],
      find: () =>
        options.migrateOnStart === true
          ? [
              {
                subject: 'database()',
                reason: 'It migrates at the start in production, so its account may do with the tables what it likes.',
                remedy: 'Leave migrateOnStart out, and run glueful migrate with an account of its own.',
              },
            ]
          : [],
    },
    ...accountChecks,
  ]
}
