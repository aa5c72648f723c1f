import { describe } from 'vitest'
import { testAdministration } from './administration.ts'
import { testDeliveries } from './deliveries.ts'
import { testLeases } from './leases.ts'
import { testLimits } from './limits.ts'
import { leaseMs, workerRecord, type OpenEngine, type OpenWith } from './open-engine.ts'
import { testPlans } from './plans.ts'

/** What every engine keeps to; each test has an engine of its own. */
export function describeEngine(name: string, open: () => Promise<OpenEngine>, options: { readonly skip?: string | undefined } = {}): void {
  const openWith: OpenWith = async (...workers) => {
    const opened = await open()
    for (const worker of workers) await opened.engine.pulse(workerRecord(worker, opened.now()), leaseMs, true)
    return opened
  }
  describe.skipIf(options.skip !== undefined)(options.skip === undefined ? name : `${name} (${options.skip})`, () => {
    for (const part of [testDeliveries, testLeases, testLimits, testPlans, testAdministration]) part(openWith)
  })
}
