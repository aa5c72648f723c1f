import type { Metrics } from '../foundation/metrics/metrics.ts'
import type { RouteOption } from '../http/context/route-option.ts'
import { acceptRisksOption } from '../traffic/accepted-risks/accept-risks-option.ts'
import { createAccessOptions } from '../traffic/access/access-options.ts'
import type { AuthStrategy } from '../traffic/access/strategy.ts'
import { auditOption } from '../traffic/audit/audit-option.ts'
import { createCacheOption } from '../traffic/cache/cache-option.ts'
import { corsOption } from '../traffic/cors/cors-option.ts'
import { createErrorThrottleOption } from '../traffic/error-throttle/error-throttle-option.ts'
import { etagOption } from '../traffic/etag/etag-option.ts'
import { forceHttpsOption } from '../traffic/force-https/force-https-option.ts'
import { hostsOption } from '../traffic/hosts/hosts-option.ts'
import { createIdempotencyOption } from '../traffic/idempotency/idempotency-option.ts'
import { ipAllowOption } from '../traffic/ip-allow/ip-allow-option.ts'
import { createLoadSheddingOption } from '../traffic/load-shedding/load-shedding-option.ts'
import { logOption } from '../traffic/log/log-option.ts'
import { middlewareOption } from '../traffic/middleware/middleware-option.ts'
import type { Limiter } from '../traffic/rate-limit/limiter.ts'
import { createRateLimitOption } from '../traffic/rate-limit/rate-limit-option.ts'
import { bodyLimitOption } from '../traffic/reading/body-limit-option.ts'
import { createReadingOption, multipartOption } from '../traffic/reading/reading-option.ts'
import { strictOption } from '../traffic/reading/strict-option.ts'
import { requestIdOption } from '../traffic/request-id/request-id-option.ts'
import { createResponseOption } from '../traffic/response/response-option.ts'
import { securityHeadersOption } from '../traffic/security-headers/security-headers-option.ts'
import { timeoutOption } from '../traffic/timeout/timeout-option.ts'
import type { ServedVersions } from '../traffic/version/api-versions.ts'
import { createDeprecationOption } from '../traffic/version/deprecation-option.ts'
import { createVersionOption } from '../traffic/version/version-option.ts'
import { tracingOption } from '../traffic/tracing/tracing-option.ts'

/** The options that every application has, in the order in which stages of one phase run. */
export function coreOptions(
  metrics: Metrics,
  strategies: readonly AuthStrategy[],
  limiter: Limiter,
  versions: ServedVersions | undefined,
): readonly RouteOption[] {
  return [
    requestIdOption,
    createVersionOption(versions),
    createDeprecationOption(metrics, versions),
    tracingOption,
    securityHeadersOption,
    hostsOption,
    forceHttpsOption,
    corsOption,
    createLoadSheddingOption(metrics),
    createErrorThrottleOption(metrics, limiter),
    ipAllowOption,
    ...createAccessOptions(strategies),
    createRateLimitOption(metrics, limiter),
    middlewareOption,
    bodyLimitOption,
    strictOption,
    multipartOption,
    createReadingOption(metrics),
    createCacheOption(metrics),
    etagOption,
    createIdempotencyOption(metrics),
    auditOption,
    timeoutOption,
    createResponseOption(metrics),
    logOption,
    acceptRisksOption,
  ] as unknown as readonly RouteOption[]
}
