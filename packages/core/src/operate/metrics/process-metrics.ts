import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay, performance, PerformanceObserver, constants } from 'node:perf_hooks'
import type { Metrics } from '../../foundation/metrics/metrics.ts'

const gcKinds: Record<number, string> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak_callbacks',
}

/** Event-loop lag and use, memory, garbage collection, CPU and open descriptors; the returned function stops the watching. */
export function addProcessMetrics(metrics: Metrics): () => void {
  const gauge = (name: string, help: string, aggregation: 'sum' | 'max' = 'sum') => metrics.gauge({ name, help, labels: [], aggregation }).with()
  const cpu = metrics.counter({ name: 'glueful_process_cpu_seconds_total', help: 'User and system CPU time.', labels: [] }).with()
  const started = gauge('glueful_process_start_time_seconds', 'When the process started, in seconds since the epoch.', 'max')
  const rss = gauge('glueful_process_resident_memory_bytes', 'Resident memory.')
  const descriptors = gauge('glueful_process_open_fds', 'Open file descriptors.')
  const heapUsed = gauge('glueful_nodejs_heap_used_bytes', 'Heap in use.')
  const heapTotal = gauge('glueful_nodejs_heap_total_bytes', 'Heap reserved.')
  const external = gauge('glueful_nodejs_external_memory_bytes', 'Memory of buffers and native objects.')
  const lagP50 = gauge('glueful_nodejs_eventloop_lag_p50_seconds', 'Median delay of the event loop since the last scrape.', 'max')
  const lagP99 = gauge('glueful_nodejs_eventloop_lag_p99_seconds', '99th percentile of the delay of the event loop since the last scrape.', 'max')
  const lagMax = gauge('glueful_nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop since the last scrape.', 'max')
  const utilisation = gauge('glueful_nodejs_eventloop_utilization_ratio', 'Share of time in which the event loop was busy since the last scrape.', 'max')
  const gc = metrics.histogram({
    name: 'glueful_nodejs_gc_duration_seconds',
    help: 'Garbage collection pauses by kind.',
    labels: ['kind'],
    buckets: [0.001, 0.01, 0.1, 1],
  })

  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      gc.with(gcKinds[(entry as { detail?: { kind?: number } }).detail?.kind ?? 0] ?? 'other').observe(entry.duration / 1000)
  })
  observer.observe({ entryTypes: ['gc'] })
  started.set(Math.round(performance.timeOrigin) / 1000)
  let lastCpu = 0
  let lastLoop = performance.eventLoopUtilization()

  metrics.onCollect(() => {
    const used = process.cpuUsage()
    const seconds = (used.user + used.system) / 1e6
    cpu.inc(seconds - lastCpu)
    lastCpu = seconds
    const memory = process.memoryUsage()
    rss.set(memory.rss)
    heapUsed.set(memory.heapUsed)
    heapTotal.set(memory.heapTotal)
    external.set(memory.external)
    lagP50.set(delay.percentile(50) / 1e9)
    lagP99.set(delay.percentile(99) / 1e9)
    lagMax.set(delay.max / 1e9)
    delay.reset()
    const loop = performance.eventLoopUtilization()
    utilisation.set(performance.eventLoopUtilization(loop, lastLoop).utilization)
    lastLoop = loop
    descriptors.set(countDescriptors())
  })
  return () => {
    delay.disable()
    observer.disconnect()
  }
}

function countDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    // Only Linux tells.
    return 0
  }
}
