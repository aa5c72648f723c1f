import { fail } from '../../../foundation/errors/catalog.ts'
import type { Logger } from '../../../foundation/logging/logger.ts'
import { provide, type Provider } from '../../../foundation/services/provide.ts'
import type { CoreSettings } from '../../../foundation/settings/core-settings.ts'
import { createHttpClient } from '../../../http/outgoing/http-client.ts'
import { Cdn } from './cdn.ts'
import { createCloudflare } from './cloudflare.ts'
import { createFastly } from './fastly.ts'

/**
 * The CDN that the settings name.
 * @throws `CDN_INCOMPLETE`
 */
export function provideCdn(settings: Pick<CoreSettings, 'cdnProvider' | 'cdnZone' | 'cdnToken' | 'cdnApiUrl'>, log: Logger): readonly Provider[] {
  const { cdnProvider, cdnZone, cdnToken, cdnApiUrl } = settings
  if (cdnProvider === undefined) return []
  if (cdnZone === undefined || cdnToken === undefined) throw fail('CDN_INCOMPLETE', { provider: cdnProvider })
  const client = (baseUrl: string, headers: Readonly<Record<string, string>>) =>
    createHttpClient({ name: cdnProvider, baseUrl: cdnApiUrl ?? baseUrl, headers, log })
  const cdn =
    cdnProvider === 'fastly'
      ? createFastly(client('https://api.fastly.com', { 'fastly-key': cdnToken.reveal() }), cdnZone)
      : createCloudflare(client('https://api.cloudflare.com/client/v4', { authorization: `Bearer ${cdnToken.reveal()}` }), cdnZone)
  return [provide(Cdn, () => cdn)]
}
