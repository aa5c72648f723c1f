import { resolve } from 'node:path'
import type { App } from '../app.ts'
import type { Environment } from '../foundation/environment.ts'
import { GluefulError } from '../foundation/errors/define-errors.ts'
import { declaredSettings } from '../app/read-configuration.ts'
import { listSettings } from '../foundation/settings/define-settings.ts'
import { readEnvironment } from '../foundation/settings/read-environment.ts'
import { askSecretSources } from '../foundation/settings/secret-source.ts'
import { RuntimeService } from '../http/context/runtime.ts'
import { defaultDoorLimits } from '../server/node-door.ts'
import { accessChecks } from './checks/access-checks.ts'
import { dependencyChecks } from './checks/dependency-checks.ts'
import { edgeChecks } from './checks/edge-checks.ts'
import { inputChecks } from './checks/input-checks.ts'
import { secretChecks } from './checks/secret-checks.ts'
import { settingChecks } from './checks/setting-checks.ts'
import { defineSecurityCheck, type SecurityCheck, type SecurityTarget } from '../app/security-check.ts'
import { reportOn, type SecurityReport } from './security-report.ts'

export interface AuditOptions {
  /** Judge it as if it ran there, whatever APP_ENV says. Default: what it runs in. */
  readonly environment?: Environment
  /** Where `.env` files and lock files are. Default: the working directory. */
  readonly directory?: string
  /** Starts the application, without serving, and looks at what it keeps as well: old keys, rights in the database. Default: false. */
  readonly live?: boolean
  /** Instead of the process environment and the `.env` files. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** All checks of core, in the order of the documentation. */
export const coreSecurityChecks: readonly SecurityCheck[] = [
  ...accessChecks,
  ...inputChecks,
  ...edgeChecks,
  ...settingChecks,
  ...secretChecks,
  ...dependencyChecks,
]

const refusedToStart = (message: string): SecurityCheck =>
  defineSecurityCheck({
    id: 'REFUSES_TO_START',
    severity: 'critical',
    title: 'The application does not start like this',
    references: ['API8:2023'],
    find: () => [{ subject: 'application', reason: message, remedy: 'Correct what it names, and check again.' }],
  })

/**
 * Looks at the effective configuration and every route of an application, without starting it unless it is asked to.
 *
 * @example
 * const { open } = await auditSecurity(app, { environment: 'production' })
 * expect(open.critical).toBe(0)
 */
export async function auditSecurity(app: App, { environment, directory = process.cwd(), live = false, env }: AuditOptions = {}): Promise<SecurityReport> {
  const place = resolve(directory)
  const read = readEnvironment({ directory: place, ...(env === undefined ? {} : { env }), ...(environment === undefined ? {} : { environment }) })
  const source = env === undefined ? await askSecretSources(app.definition.secretSources ?? [], declaredSettings(app.definition), read) : read
  const variables = { ...source.variables, APP_ENV: source.environment }
  const instance = app.with({ environment: source.environment, env: variables, logDestination: { write: () => {}, flush: () => {} } })
  try {
    const checks = [...coreSecurityChecks, ...(app.definition.extensions ?? []).flatMap(({ securityChecks }) => securityChecks ?? [])]
    const target = targetOf(instance, variables, place)
    if (live) await instance.ready()
    return await reportOn(target, checks, live ? instance : undefined)
  } catch (error) {
    if (!(error instanceof GluefulError)) throw error
    const nothing = { routes: [], accepted: {} } as unknown as SecurityTarget
    return await reportOn(nothing, [refusedToStart(error.message)])
  } finally {
    await instance.close()
  }
}

function targetOf(app: App, variables: Readonly<Record<string, string | undefined>>, directory: string): SecurityTarget {
  const { definition } = app
  const routes = app.routes().filter(({ name }) => !name.startsWith('glueful.'))
  const runtime = app.use(RuntimeService)
  const secrets = listSettings(declaredSettings(definition)).flatMap(({ name, secret }) => {
    const value = variables[name]
    return secret && value !== undefined && value !== '' ? [{ name, value }] : []
  })
  return {
    settings: app.coreSettings(),
    valuesOf: (settings) => app.use(settings),
    routes,
    secrets: secrets.filter(({ name }, index) => secrets.findIndex((other) => other.name === name) === index),
    limits: { ...defaultDoorLimits, ...definition.server?.limits },
    provides: runtime.provides,
    accepted: definition.acceptRisks ?? {},
    directory,
  }
}
