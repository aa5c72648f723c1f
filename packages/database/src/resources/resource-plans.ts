import type { ResourcePlan } from './resource-plan.ts'

const plans = new WeakMap<object, ResourcePlan>()

/** Remembers what a resource is made of, so that others can contain it. */
export function keepPlan(resource: object, plan: ResourcePlan): void {
  plans.set(resource, plan)
}

export function planOf(resource: object): ResourcePlan {
  return plans.get(resource) as ResourcePlan
}
