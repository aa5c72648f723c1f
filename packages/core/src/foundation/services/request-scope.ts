import type { Service } from './service.ts'

/** Where request-lifetime services keep their values: one for each request. */
export interface RequestScope {
  readonly scope: Map<Service<unknown>, unknown>
}
