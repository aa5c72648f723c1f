import { defineErrors } from 'glueful'
import { authEntries } from './auth-entries.ts'
import { passwordEntries } from './password-entries.ts'
import { tokenEntries } from './token-entries.ts'

/** Every error of this package. */
export const fail = defineErrors({ ...authEntries, ...passwordEntries, ...tokenEntries })
