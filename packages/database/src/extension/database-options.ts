import type { Seeder } from '../seeders/seeder.ts'

/** What an application says of its databases in code; where they are is a setting. Other parts of the package add members. */
export interface DatabaseOptions {
  /** More connections by name: `{ reports: {} }` is found by `connection('reports')` and configured by DATABASE_REPORTS_URL. */
  readonly connections?: Readonly<Record<string, ConnectionOptions>>
  /** The application's models, as `import * as models from './models/index.ts'`: what the running release uses of the tables. */
  readonly models?: Readonly<Record<string, unknown>>
  /** Folder of the application's migrations, from the working directory or as `new URL('./migrations', import.meta.url)`. */
  readonly migrations?: string | URL
  /**
   * Whether starting the application runs what is pending; any number of processes may start at once. Default: true, and
   * false in production, where `glueful migrate` runs before the release.
   */
  readonly migrateOnStart?: boolean
  /** Folder of the application's seeders, or the seeders. */
  readonly seeders?: string | URL | readonly Seeder[]
  /**
   * Lets queries say `.cache({ ttl })`. Every write to a table of a model then clears its store once: nothing in memory, a
   * round trip to Redis or the database. Default: false.
   */
  readonly queryCache?: boolean
  /** Whether starting the application in development also runs the seeders that have not run. Default: false. */
  readonly seedOnStart?: boolean
}

export interface ConnectionOptions {
  /** Connections to it, for each process. Default: DATABASE_POOL_MAX. */
  readonly poolMax?: number
}
