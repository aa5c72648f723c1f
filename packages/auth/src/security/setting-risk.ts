import type { FoundRisk } from 'glueful/security'

export function settingRisk(name: string, reason: string, remedy: string): FoundRisk {
  return { subject: `setting ${name}`, reason, remedy }
}
