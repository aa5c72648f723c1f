/** How connections to a database server behave. */
export interface RemoteOptions {
  readonly url: URL
  readonly poolMax: number
  readonly acquireTimeout: number
  /** How long opening a connection may take, in ms. */
  readonly connectTimeout: number
  /** How long a statement may take, in ms; the server is told, and a connection that is silent for longer is given up. */
  readonly statementTimeout: number
  /** Whether opening a connection is tried again until the acquire time-out; not where another server can be asked. */
  readonly patient: boolean
  /** Whether statements are prepared under a name; off behind a pooler that changes the server between transactions. */
  readonly namedStatements: boolean
}
