import type { BuiltInCommand } from '../command-definition.ts'
import { auditOptions } from '../security/audit-options.ts'
import { knownVulnerabilities } from '../security/known-vulnerabilities.ts'
import { outdatedDependencies } from '../security/outdated-dependencies.ts'
import { runAudit, showReport } from '../security/run-audit.ts'

export const command: BuiltInCommand = {
  args: {
    ...auditOptions,
    live: { type: 'boolean', description: 'Start the application, without serving, and look at what it keeps too: old keys, rights in the database' },
  },
  run: async (args) => {
    const report = await runAudit(args, async () => [...knownVulnerabilities(process.cwd()), ...outdatedDependencies(process.cwd())])
    await showReport(report, args)
    return report.open.critical === 0 ? 0 : 1
  },
}
