import type { QueueLimitRecord } from '../engine/engine.ts'
import type { Finding } from './diagnose.ts'

/** What holds a whole queue back that may do no more, whatever its workers could. */
export function findQueueLimits(limits: QueueLimitRecord | undefined, backlog: number): Finding[] {
  if (limits === undefined || backlog === 0) return []
  const { queue, concurrency, rate } = limits
  const findings: Finding[] = []
  if (concurrency !== undefined && concurrency.active >= concurrency.limit) {
    findings.push({
      cause: 'queue-concurrency-cap',
      evidence: `${backlog} jobs wait for a place: ${queue} runs ${concurrency.active} of ${concurrency.limit} at once.`,
      advice: `Raise concurrency of ${queue} in queue({ queues }), or make its jobs shorter.`,
    })
  }
  if (rate !== undefined && rate.used >= rate.limit) {
    findings.push({
      cause: 'queue-rate-limit',
      evidence: `${backlog} jobs wait: ${rate.used} of ${rate.limit} that ${queue} may start within ${rate.perMs / 1_000} s have started.`,
      advice: `Raise rateLimit of ${queue} in queue({ queues }), if what its jobs call allows it.`,
    })
  }
  return findings
}
