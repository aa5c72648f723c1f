/** What an application says of its databases in code; where they are is a setting. Other parts of the package add members. */
export interface DatabaseOptions {
  /** More connections by name: `{ reports: {} }` is found by `connection('reports')` and configured by DATABASE_REPORTS_URL. */
  readonly connections?: Readonly<Record<string, ConnectionOptions>>
}

export interface ConnectionOptions {
  /** Connections to it, for each process. Default: DATABASE_POOL_MAX. */
  readonly poolMax?: number
}
