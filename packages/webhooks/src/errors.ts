import { defineErrors } from 'glueful'
import { webhookEntries } from './webhook-entries.ts'

/** Every error of this package. */
export const fail = defineErrors({ ...webhookEntries })
