import { statfs } from 'node:fs/promises'
import { cpus, freemem, hostname, loadavg, totalmem } from 'node:os'
import type { HostRecord } from './job-metrics.ts'
import { readNetwork } from './network.ts'

let before = times()

/** How this host is doing; the use of its cores is that since the last look. */
export async function readHost(now: number): Promise<HostRecord> {
  const after = times()
  const total = after.total - before.total
  const cpuRatio = total <= 0 ? 0 : 1 - (after.idle - before.idle) / total
  before = after
  const disk = await statfs(process.cwd())
  return {
    host: hostname(),
    at: Math.round(now),
    cpuRatio: Math.min(1, Math.max(0, cpuRatio)),
    load1: loadavg()[0] ?? 0,
    cores: cpus().length,
    memoryUsedBytes: totalmem() - freemem(),
    memoryTotalBytes: totalmem(),
    diskUsedBytes: (disk.blocks - disk.bavail) * disk.bsize,
    diskTotalBytes: disk.blocks * disk.bsize,
    network: await readNetwork(now),
  }
}

function times(): { readonly idle: number; readonly total: number } {
  let idle = 0
  let total = 0
  for (const { times: each } of cpus()) {
    idle += each.idle
    total += each.user + each.nice + each.sys + each.idle + each.irq
  }
  return { idle, total }
}
