/** Permissions by role; wildcards as `covers` knows them: `orders.*`, `*`. */
export type Roles = Readonly<Record<string, readonly string[]>>

const views = ['apikeys.view', 'audit.view', 'breakers.view', 'cache.view', 'health.view', 'metrics.view', 'queue.view', 'schedule.view', 'webhooks.view']

/** The roles that every application has. What an application grants them is added. */
export const standardRoles: Roles = {
  /** Everything. */
  admin: ['*'],
  /** Runs the service. */
  operator: [...views, 'breakers.*', 'cache.*', 'queue.*', 'schedule.*', 'sessions.*', 'webhooks.*'],
  /** Builds against it. */
  developer: [...views, 'apikeys.*', 'docs.view', 'webhooks.*'],
  /** Looks, and changes nothing. */
  observer: views,
  /** Callers that are not known, on routes with `auth: 'optional'`. */
  anonymous: [],
}

/** The standard roles with what an application adds to them, and roles of its own. */
export function mergeRoles(own: Roles = {}): Roles {
  const merged: Record<string, readonly string[]> = { ...standardRoles }
  for (const [role, permissions] of Object.entries(own)) merged[role] = [...(merged[role] ?? []), ...permissions]
  return merged
}
