import type { BuiltInCommand } from '../command-definition.ts'
import { auditOptions } from '../security/audit-options.ts'
import { runAudit, showReport } from '../security/run-audit.ts'

export const command: BuiltInCommand = {
  args: auditOptions,
  run: async (args) => {
    const report = await runAudit(args)
    await showReport(report, args)
    return report.open.critical === 0 ? 0 : 1
  },
}
