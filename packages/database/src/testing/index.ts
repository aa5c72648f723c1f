export type { Columns } from '../columns/index.ts'
export { databaseServers, type DatabaseServer } from './database-servers.ts'
export { describeDialects, type DialectUnderTest } from './describe-dialects.ts'
export { testDatabase, type TestDatabase } from './test-database.ts'
