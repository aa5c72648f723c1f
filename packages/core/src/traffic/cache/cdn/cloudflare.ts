import { fail } from '../../../foundation/errors/catalog.ts'
import type { HttpClient } from '../../../http/outgoing/http-client.ts'
import type { Cdn } from './cdn.ts'
import { batchesOf } from './purge-batches.ts'

/** Tags that every plan accepts in one call of the purge API. */
const mostTags = 30

/**
 * Cloudflare: answers carry Cache-Tag, tags are purged by `POST /zones/ID/purge_cache`.
 * Source: https://developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags/
 */
export function createCloudflare(client: HttpClient, zoneId: string): Cdn {
  return {
    name: 'cloudflare',
    headers: (tags) => ['cache-tag', tags.join(',')],
    async purge(tags) {
      for (const batch of batchesOf(tags, mostTags)) {
        const answer = await client.post(`/zones/${encodeURIComponent(zoneId)}/purge_cache`, { tags: batch })
        // It may say no with status 200.
        const { success, errors } = answer.json() as { readonly success?: unknown; readonly errors?: unknown }
        if (success !== true) throw fail('CDN_PURGE_REFUSED', { cdn: 'cloudflare', reason: JSON.stringify(errors ?? answer.text()).slice(0, 200) })
      }
    },
  }
}
