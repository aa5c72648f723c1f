import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { App } from 'glueful'
import { auditSecurity, renderSarif, renderSecurityText, type SecurityFinding, type SecurityReport } from 'glueful/security'
import { findAppFile, loadApp } from '../load-app.ts'
import { fail } from '../errors.ts'

type Args = Readonly<Record<string, unknown>>

/** The audit of the application that the options name, with more findings where a command has some. */
export async function runAudit(args: Args, more: (app: App) => Promise<readonly SecurityFinding[]> = async () => []): Promise<SecurityReport> {
  const app = await loadApp(args['app'] as string | undefined)
  const report = await auditSecurity(app, { live: args['live'] === true, ...(args['production'] === true ? { environment: 'production' as const } : {}) })
  const added = await more(app)
  const open = { ...report.open }
  for (const { severity } of added) open[severity]++
  return { ...report, findings: [...added, ...report.findings], open }
}

/** Prints a report, or writes it to the file of `--output`, in the form that the options ask for. */
export async function showReport(report: SecurityReport, args: Args): Promise<void> {
  const text = `${await render(report, args)}\n`
  const output = args['output']
  if (output === undefined) {
    process.stdout.write(text)
    return
  }
  try {
    writeFileSync(String(output), text)
  } catch (error) {
    throw fail('COMMAND_OUTPUT_UNWRITABLE', { file: String(output), reason: (error as NodeJS.ErrnoException).code ?? String(error) }, { cause: error })
  }
}

async function render(report: SecurityReport, args: Args): Promise<string> {
  if (args['json'] === true) return JSON.stringify(report, undefined, 2)
  if (args['sarif'] !== true) return renderSecurityText(report)
  const { default: manifest } = (await import('@glueful/cli/package.json', { with: { type: 'json' } })) as { default: { version: string } }
  return renderSarif(report, { version: manifest.version, file: relative(process.cwd(), findAppFile(args['app'] as string | undefined)) })
}
