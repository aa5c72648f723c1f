import { bootEntries } from './boot-entries.ts'
import { cachingEntries } from './caching-entries.ts'
import { defineErrors } from './define-errors.ts'
import { limitEntries } from './limit-entries.ts'
import { lockEntries } from './lock-entries.ts'
import { redisEntries } from './redis-entries.ts'
import { requestEntries } from './request-entries.ts'
import { sandboxEntries } from './sandbox-entries.ts'
import { sealingEntries } from './sealing-entries.ts'
import { versionEntries } from './version-entries.ts'

/**
 * Every error that core makes. Each code is thrown somewhere, tested, and documented in docs/errors.md;
 * `npm run check` holds the three together.
 */
export const fail = defineErrors({
  ...bootEntries,
  ...requestEntries,
  ...limitEntries,
  ...lockEntries,
  ...redisEntries,
  ...cachingEntries,
  ...versionEntries,
  ...sealingEntries,
  ...sandboxEntries,
})
