import type { ExecuteOptions } from '@glueful/database'

/** For what decides who gets in: a replica may not have heard yet that a session ended. */
export const fresh: ExecuteOptions = { fresh: true }
