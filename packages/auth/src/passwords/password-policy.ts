import { service, type FieldError, type Service } from 'glueful'
import { fail } from '../errors.ts'
import { isEvident } from './evident-password.ts'
import { openBreachedList, type BreachedList } from './breached-list.ts'

/** Decides what may become a password. */
export interface PasswordPolicy {
  /**
   * `about` is what others know of the user: name, e-mail address.
   * @throws `PASSWORD_REFUSED` (422) with every reason
   */
  check(password: string, about?: readonly string[]): Promise<void>
}

export const PasswordPolicy: Service<PasswordPolicy> = service<PasswordPolicy>('password policy')

export interface PasswordPolicyOptions {
  /** Fewest code points. Default: 12. */
  readonly minLength?: number
  readonly breached?: BreachedList | undefined
}

/** Longest password in code points; longer ones are refused and never cut. */
export const longestPassword = 256

/** Length, no breached and no evident passwords, any characters: NIST SP 800-63B, 3.1.1.2. */
export function createPasswordPolicy({ minLength = 12, breached }: PasswordPolicyOptions = {}): PasswordPolicy {
  return {
    async check(password, about = []) {
      const faults = faultsOf(password, about, minLength)
      if (faults.length === 0 && breached !== undefined && (await breached.has(password)))
        faults.push(['breached', 'It is on a list of passwords that became known.'])
      if (faults.length === 0) return
      const errors = faults.map(([code, message]): FieldError => ({ path: ['body', 'password'], code, message }))
      throw fail('PASSWORD_REFUSED', { count: faults.length }, { errors })
    },
  }
}

function faultsOf(password: string, about: readonly string[], minLength: number): [code: string, message: string][] {
  const length = [...password].length
  const faults: [string, string][] = []
  if (length < minLength) faults.push(['too_short', `It has ${length} characters; ${minLength} are needed.`])
  if (length > longestPassword) faults.push(['too_long', `It has ${length} characters; at most ${longestPassword} are allowed.`])
  if (!password.isWellFormed() || password.includes('\u0000')) faults.push(['not_text', 'It contains what is no character.'])
  if (new Set(password).size < 5) faults.push(['too_simple', 'It has fewer than 5 different characters.'])
  else if (length >= minLength && length <= longestPassword && isEvident(password, minLength))
    faults.push(['too_common', 'It is little more than a row of keys, a repetition, or a well-known word.'])
  const lower = password.toLowerCase()
  const told = about.filter((word) => word.length >= 4 && lower.includes(word.toLowerCase()))
  // "ada@example.com" within a long sentence is no weakness; as most of the password it is.
  if (told.some((word) => lower.length - word.length < minLength / 2)) faults.push(['too_personal', 'It is little more than your name or address.'])
  return faults
}

/** A policy whose list is opened with the application. */
export interface OpenedPolicy extends PasswordPolicy {
  /** @throws `BREACHED_LIST_UNREADABLE` */
  start(): Promise<void>
  stop(): Promise<void>
}

export function openPolicy({ minLength, breachedFile }: { readonly minLength: number; readonly breachedFile: string | undefined }): OpenedPolicy {
  let breached: BreachedList | undefined
  let policy = createPasswordPolicy({ minLength })
  return {
    check: (password, about) => policy.check(password, about),
    async start() {
      if (breachedFile === undefined) return
      breached = await openBreachedList(breachedFile)
      policy = createPasswordPolicy({ minLength, breached })
    },
    stop: async () => breached?.close(),
  }
}
