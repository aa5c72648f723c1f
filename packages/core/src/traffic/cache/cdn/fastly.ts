import type { HttpClient } from '../../../http/outgoing/http-client.ts'
import type { Cdn } from './cdn.ts'
import { batchesOf } from './purge-batches.ts'

/** Most surrogate keys in one call of the purge API. */
const mostKeys = 256

/**
 * Fastly: answers carry Surrogate-Key, tags are purged by `POST /service/ID/purge`.
 * Source: https://www.fastly.com/documentation/reference/api/purging/
 */
export function createFastly(client: HttpClient, serviceId: string): Cdn {
  return {
    name: 'fastly',
    headers: (tags) => ['surrogate-key', tags.join(' ')],
    async purge(tags) {
      for (const batch of batchesOf(tags, mostKeys)) await client.post(`/service/${encodeURIComponent(serviceId)}/purge`, { surrogate_keys: batch })
    },
  }
}
