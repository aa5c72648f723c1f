import { Breakers } from '../foundation/breakers/breaker.ts'
import type { Context } from '../http/context/context.ts'
import { group, route, type RouteTree } from '../http/context/route.ts'
import type { Runtime } from '../http/context/runtime.ts'
import { AuditLog } from '../traffic/audit/audit-log.ts'

/** What operators see and do of breakers; only where an authorizer can say who they are. */
export function breakerRoutes(runtime: Runtime): RouteTree {
  return {
    breakers: group(
      { prefix: '/admin/breakers', can: 'breakers.manage', hidden: true, rateLimit: false, loadShedding: false },
      {
        list: route.get('', ({ use, setHeader }) => {
          setHeader('cache-control', 'no-store')
          return { breakers: use(Breakers).list() }
        }),
        reset: route.post('/reset', async (ctx) => {
          const resetCount = ctx.use(Breakers).resetAll()
          if (runtime.provides(AuditLog)) await record(ctx as unknown as Context, resetCount)
          return { resetCount }
        }),
      },
    ),
  }
}

async function record({ use, user, requestId, ip }: Context, resetCount: number): Promise<void> {
  await use(AuditLog).record({ actor: user.id, action: 'breakers.reset', target: null, after: { resetCount }, result: 'ok', requestId, ip })
}
