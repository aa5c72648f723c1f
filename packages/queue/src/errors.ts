import { defineErrors } from 'glueful'
import { engineEntries } from './engine-entries.ts'
import { jobEntries } from './job-entries.ts'

/** Every error that the queue makes; documented in docs/errors.md. */
export const fail = defineErrors({ ...jobEntries, ...engineEntries })
