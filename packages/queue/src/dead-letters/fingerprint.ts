import { createHash } from 'node:crypto'
import type { Failure } from '../engine/stored-job.ts'

const passing = /[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+|\b[0-9a-f]{16,}\b|\d+|(["'`]).*?\1/gi

/**
 * What failures of one cause have in common: the job, the kind of error, its message without what changes from one to the
 * next, and the place in the code.
 */
export function fingerprintOf(job: string, failure: Failure): string {
  const message = failure.message.replace(passing, '#').slice(0, 300)
  const place = /\n\s+at (?:async )?(.+?)(?::\d+)?(?::\d+)?\)?$/m.exec(failure.stack ?? '')?.[1]?.replace(/^.*[/\\]/, '') ?? ''
  return createHash('sha256')
    .update([job, failure.kind, failure.name, failure.code ?? '', message, place].join('\n'))
    .digest('hex')
    .slice(0, 16)
}
