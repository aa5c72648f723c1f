import type { CompiledRoute } from '../../http/context/route.ts'
import { accessOf, listOf } from '../../traffic/access/route-access.ts'
import { defineSecurityCheck, type FoundRisk, type SecurityCheck, type SecurityTarget } from '../../app/security-check.ts'
import { isAdmin, isWrite, optionOf, readsByNameOnly, takesCredentials } from './route-traits.ts'

function each(target: SecurityTarget, risky: (route: CompiledRoute) => boolean, reason: string, remedy: string): FoundRisk[] {
  return target.routes.filter(risky).map((route) => ({ route, reason, remedy }))
}

const isOpen = (route: CompiledRoute) => {
  const access = accessOf(route.options)
  return access === undefined || access.optional
}
const isConfined = (route: CompiledRoute) => route.options.ipAllow !== undefined && route.options.ipAllow !== false
const hasNoPermission = ({ options }: CompiledRoute) => listOf(options.can).length === 0 && listOf(options.scopes).length === 0

/** Who may do what, and how often. */
export const accessChecks: readonly SecurityCheck[] = [
  defineSecurityCheck({
    id: 'NO_AUTHENTICATION',
    severity: 'critical',
    title: 'Anybody may change data',
    references: ['API2:2023', 'ASVS 8.2.1'],
    find: (target) =>
      each(
        target,
        (route) => isWrite(route) && isOpen(route) && !isConfined(route) && !takesCredentials(route),
        'It changes data and asks nobody who they are.',
        "Set auth: 'jwt' (or another strategy) on the route, or accept the risk with acceptRisks and the reason.",
      ),
  }),
  defineSecurityCheck({
    id: 'ADMIN_UNPROTECTED',
    severity: 'critical',
    title: 'Administration without authentication and address list',
    references: ['API5:2023', 'ASVS 8.2.1'],
    find: (target) =>
      each(
        target,
        (route) => isAdmin(route) && isOpen(route) && !isConfined(route),
        'It belongs to the administration and is open to everybody.',
        "Set auth and can: '…' on its group, and ipAllow where operators have known addresses.",
      ),
  }),
  defineSecurityCheck({
    id: 'ADMIN_WITHOUT_PERMISSION',
    severity: 'high',
    title: 'Administration without permission',
    references: ['API5:2023', 'ASVS 8.2.1'],
    find: (target) =>
      each(
        target,
        (route) => isAdmin(route) && hasNoPermission(route) && !(isOpen(route) && !isConfined(route)),
        'It belongs to the administration, and whoever is let in may use it.',
        "Set can: '…' on its group.",
      ),
  }),
  defineSecurityCheck({
    id: 'WRITE_WITHOUT_PERMISSION',
    severity: 'low',
    title: 'Any authenticated caller may change data',
    references: ['API5:2023', 'ASVS 8.2.1'],
    find: (target) =>
      each(
        target,
        (route) => isWrite(route) && !isOpen(route) && hasNoPermission(route) && !isAdmin(route),
        'Every authenticated caller may use it; whether the handler checks whose data it is cannot be seen from here.',
        "Set can: '…' or scopes, call authorize in the handler, or accept the risk with the reason.",
      ),
  }),
  defineSecurityCheck({
    id: 'GET_CHANGES',
    severity: 'medium',
    title: 'A GET that seems to change something',
    references: ['API8:2023', 'ASVS 3.5.3'],
    find: (target) =>
      each(
        target,
        readsByNameOnly,
        'Its path or permission names a change. Every page can make a browser send a GET with its cookies, and readers ahead and mail scanners send them unasked.',
        'Make it a POST, PUT, PATCH or DELETE.',
      ),
  }),
  defineSecurityCheck({
    id: 'NO_RATE_LIMIT',
    severity: 'high',
    title: 'Writes without a limit',
    references: ['API4:2023', 'ASVS 2.4.1'],
    find: (target) =>
      each(
        target,
        (route) => isWrite(route) && !isLimited(route) && !takesCredentials(route) && !isConfined(route),
        'Nothing limits how often it is called.',
        "Set rateLimit, such as rateLimit: { attempts: 60, per: '1m' }, on the route or in the application's defaults.",
      ),
  }),
  defineSecurityCheck({
    id: 'READS_WITHOUT_LIMIT',
    severity: 'medium',
    title: 'Reads without a limit',
    references: ['API4:2023', 'ASVS 2.4.1'],
    find: (target) =>
      each(
        target,
        (route) => !isWrite(route) && !isLimited(route) && !isConfined(route),
        'Nothing limits how often it is called, so one client may read everything or keep the service busy.',
        "Set rateLimit on the route or in the application's defaults.",
      ),
  }),
  defineSecurityCheck({
    id: 'CREDENTIALS_WITHOUT_LIMIT',
    severity: 'critical',
    title: 'Credentials may be guessed without limit',
    references: ['API2:2023', 'API4:2023', 'ASVS 6.3.1'],
    find: (target) =>
      each(
        target,
        (route) => takesCredentials(route) && !isLimited(route),
        'It takes a password, code or token, and nothing limits how many are tried.',
        "Set rateLimit: { attempts: 5, per: '1m', by: 'ip' } on the route.",
      ),
  }),
  defineSecurityCheck({
    id: 'WRITE_WITHOUT_IDEMPOTENCY',
    severity: 'low',
    title: 'A repeated request may act twice',
    references: ['API6:2023', 'ASVS 2.3.4'],
    find: (target) =>
      each(
        target,
        (route) => route.method === 'POST' && optionOf(route, 'idempotency') === undefined && !takesCredentials(route),
        'A client that repeats it after a lost answer may create the same thing twice.',
        "Set idempotency: 'optional' or 'required' on the route.",
      ),
  }),
  defineSecurityCheck({
    id: 'ADMIN_WRITE_NOT_AUDITED',
    severity: 'low',
    title: 'Administration that leaves no trace',
    references: ['API5:2023', 'ASVS 16.3.3'],
    find: (target) =>
      each(
        target,
        (route) => isAdmin(route) && isWrite(route) && (route.options.audit ?? false) === false,
        'It changes something for operators, and nothing records who did it.',
        "Set audit: '…' on the route.",
      ),
  }),
  defineSecurityCheck({
    id: 'PRIVATE_ANSWER_CACHED_PUBLICLY',
    severity: 'critical',
    title: 'Answers to callers are shared',
    references: ['API1:2023', 'ASVS 14.2.2'],
    find: (target) =>
      each(
        target,
        (route) => {
          const cache = route.options.cache
          return !isOpen(route) && cache !== undefined && cache !== false && cache.by === 'public'
        },
        'Its answers depend on who asks, and are kept for everybody.',
        "Set cache.by: 'user'.",
      ),
  }),
]

function isLimited({ options }: CompiledRoute): boolean {
  const { rateLimit } = options
  return rateLimit !== undefined && rateLimit !== false && !(Array.isArray(rateLimit) && rateLimit.length === 0)
}
