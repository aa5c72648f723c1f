import type { BuiltInCommand } from '../command-definition.ts'
import { auditOptions } from '../security/audit-options.ts'
import { knownVulnerabilities } from '../security/known-vulnerabilities.ts'
import { runAudit, showReport } from '../security/run-audit.ts'

export const command: BuiltInCommand = {
  args: auditOptions,
  run: async (args) => {
    await showReport(await runAudit(args, async () => knownVulnerabilities(process.cwd())), args)
    return 0
  },
}
