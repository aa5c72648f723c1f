import { defineErrors } from 'glueful'
import { passwordEntries } from './password-entries.ts'
import { tokenEntries } from './token-entries.ts'

/** Every error of this package. */
export const fail = defineErrors({ ...passwordEntries, ...tokenEntries })
