/** What a database speaks; `mysql` is MySQL and MariaDB. */
export type Dialect = 'sqlite' | 'postgres' | 'mysql'
