/**
 * The tables that `db.sql` knows, name → columns. An application adds its own by declaration merging.
 *
 * @example
 * declare module '@glueful/database' {
 *   interface Tables { cars: RowOf<typeof Car>; logins: { at: number; name: string } }
 * }
 */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface Tables {}
