import { createServer } from 'node:net'
import { GluefulError, type App } from 'glueful'
import { examineSettings, describeFault } from 'glueful/settings'
import { declaredSettings, surroundingsOf } from '../app-environment.ts'
import { appOption, jsonOption, type BuiltInCommand } from '../command-definition.ts'
import { loadApp } from '../load-app.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly message: string
}

export const command: BuiltInCommand = {
  args: { ...appOption, ...jsonOption },
  run: async (args) => {
    const app = await loadApp(args['app'] as string | undefined)
    const findings: Finding[] = [{ check: 'runtime', ok: true, message: `Node ${process.versions.node}` }]
    const { faults } = examineSettings(declaredSettings(app), await surroundingsOf(app))
    findings.push(
      faults.length === 0
        ? { check: 'settings', ok: true, message: 'all settings are valid' }
        : { check: 'settings', ok: false, message: faults.map(describeFault).join('; ') },
    )
    if (faults.length === 0) findings.push(...(await examineApp(app)))
    if (args['json'] === true) process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`)
    else process.stdout.write(`${findings.map(({ check, ok, message }) => `${ok ? 'ok  ' : 'FAIL'}  ${check.padEnd(8)}  ${message}`).join('\n')}\n`)
    return findings.every((finding) => finding.ok) ? 0 : 1
  },
}

async function examineApp(app: App): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    await app.configure()
    findings.push({ check: 'routes', ok: true, message: `${app.routes().length} routes` })
    const { port, host } = app.coreSettings()
    findings.push(await examinePort(port, host ?? '127.0.0.1'))
    await app.ready()
    findings.push({ check: 'services', ok: true, message: 'all services started' })
    const response = await app.fetch(new Request('http://localhost/health/ready'), { address: '127.0.0.1' })
    findings.push({
      check: 'health',
      ok: response.status === 200,
      message: response.status === 403 ? 'loopback may not ask: HEALTH_IP_ALLOWLIST' : await response.text(),
    })
  } catch (error) {
    if (!(error instanceof GluefulError)) throw error
    findings.push({ check: 'boot', ok: false, message: error.message })
  }
  await app.close()
  return findings
}

function examinePort(port: number, host: string): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ check: 'port', ok: false, message: `${host}:${port} cannot be used (${error.code ?? error.message})` }),
    )
    server.listen(port, host, () => server.close(() => resolve({ check: 'port', ok: true, message: `${host}:${port} is free` })))
  })
}
