export * from './app/extension.ts'
export * from './http/context/route-options.ts'
export * from './app/declared-options.ts'
export { createApp, type App } from './app.ts'
export { LoggerService, MetricsService, ServerListening, type OperateOptions } from './app/boot.ts'
export type { Command, CommandInput, CommandOption } from './app/command.ts'
export type { AppDefinition, AppOverrides, OpenApiInfo, ServerOptions } from './app/definition.ts'
export { Breakers, type Breaker, type BreakerOptions, type BreakerState, type BreakerStatus } from './foundation/breakers/breaker.ts'
export { parseByteSize, type ByteSize } from './foundation/byte-size.ts'
export { Cache, type RememberOptions, type SetOptions } from './foundation/cache/cache.ts'
export type { CacheContents, CacheEntry, CacheStore, WriteGuard } from './foundation/cache/cache-store.ts'
export { CacheStores, DatabaseCacheStore } from './foundation/cache/provide-cache.ts'
export { createMemoryCacheStore } from './foundation/cache/stores/memory-cache-store.ts'
export { createRedisCacheStore } from './foundation/cache/stores/redis-cache-store.ts'
export { createTwoLevelCacheStore } from './foundation/cache/stores/two-level-cache-store.ts'
export { systemClock, type Clock } from './foundation/clock.ts'
export { parallel, type ParallelOptions, type TaskResults } from './foundation/concurrency/parallel.ts'
export { race } from './foundation/concurrency/race.ts'
export { retry, type Backoff, type RetryOptions } from './foundation/concurrency/retry.ts'
export { withTimeout, type Task, type TimeLimit } from './foundation/concurrency/with-timeout.ts'
export { parseDuration, type Duration } from './foundation/duration.ts'
export type { Environment } from './foundation/environment.ts'
export { GluefulError, defineErrors, type ErrorExtras, type FieldError } from './foundation/errors/define-errors.ts'
export * from './foundation/errors/http-errors.ts'
export { refuseUnknownOptions } from './foundation/errors/refuse-unknown-options.ts'
export { suggest } from './foundation/errors/suggest.ts'
export { event, type Emit, type Event } from './foundation/events/event.ts'
export { listen, type Listener } from './foundation/events/listen.ts'
export { DatabaseLockStore, type Attempt, type LockStore } from './foundation/locks/lock-store.ts'
export { Locks, SharedLocks, type Lock, type LockOptions } from './foundation/locks/locks.ts'
export type { LogDestination } from './foundation/logging/line-writer.ts'
export { createRedactor, Redaction, type Redactor } from './foundation/logging/redact.ts'
export { SecretValues } from './foundation/logging/secret-values.ts'
export { markedFields } from './http/validation/marked-fields.ts'
export type { LogFields, LogLevel, Logger } from './foundation/logging/logger.ts'
export type { Counter, Gauge, Histogram, Metrics } from './foundation/metrics/metrics.ts'
export { chooseStore, hasSeveralProcesses, type StoreKind } from './foundation/redis/choose-store.ts'
export { Redis, type RedisConnection } from './foundation/redis/redis-connection.ts'
export type { Seal } from './foundation/sealing/seal.ts'
export { createSealing, Sealing } from './foundation/sealing/sealing.ts'
export { provide, type Provider } from './foundation/services/provide.ts'
export { service, type Service, type Use } from './foundation/services/service.ts'
export { coreSettings, type CoreSettings } from './foundation/settings/core-settings.ts'
export { defineSettings, type SettingRecord, type Settings, type SettingValues, type ValuesOf } from './foundation/settings/define-settings.ts'
export { env } from './foundation/settings/env.ts'
export { Secret } from './foundation/settings/secret.ts'
export type { SecretRequest, SecretSource } from './foundation/settings/secret-source.ts'
export type { Setting } from './foundation/settings/setting.ts'
export {
  createSandbox,
  currentSandbox,
  outsideSandbox,
  runInSandbox,
  type OwnSandbox,
  type Sandbox,
  type SandboxEffect,
  type SandboxOptions,
} from './foundation/sandbox/sandbox.ts'
export type { SandboxAnswer } from './foundation/sandbox/sandbox-answer.ts'
export { Transactions } from './foundation/transactions.ts'
export { UploadedFile, uploadedFile } from './http/body/uploaded-file.ts'
export * from './http/context/identity.ts'
export type { Context, RequestTools } from './http/context/context.ts'
export { Reply } from './http/context/reply.ts'
export { defineRouteOption, type OperationObject, type RouteOption } from './http/context/route-option.ts'
export {
  group,
  mount,
  route,
  type CompiledRoute,
  type Group,
  type HandlerContext,
  type Method,
  type Mount,
  type Route,
  type RouteTree,
} from './http/context/route.ts'
export { RuntimeService, type Runtime } from './http/context/runtime.ts'
export type { InputOf, OutputOf, Schema } from './http/context/schema.ts'
export type { Awaitable, Phase, Stage } from './http/context/stage.ts'
export {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type OutgoingCall,
  type OutgoingRequest,
  type OutgoingResponse,
} from './http/outgoing/http-client.ts'
export type { OpenApiAddition, OpenApiTools } from './http/openapi/openapi-addition.ts'
export type { Problem } from './http/problem/problem.ts'
export { accepted, bytes, created, html, noContent, redirect, reply, text } from './http/reply/constructors.ts'
export { deferred, type Deferred } from './http/reply/deferred.ts'
export { events, type EventsOptions, type ServerEvent } from './http/reply/events.ts'
export { file, type FileOptions } from './http/reply/file.ts'
export { stream, type StreamOptions } from './http/reply/stream.ts'
export type { CheckReport, HealthCheck, HealthTools } from './operate/health/health-check.ts'
export type { ErrorReport, ErrorReporter } from './operate/error-reporting/error-reporter.ts'
export type { Listening, ListenOptions } from './server/listen.ts'
export type { ErrorThrottle } from './traffic/error-throttle/error-throttle-option.ts'
export { LoadMonitor } from './traffic/load-shedding/load-monitor.ts'
export type { LoadShedding } from './traffic/load-shedding/load-shedding-option.ts'
export { DatabaseLimitStore, type Block, type Claim, type LimitRule, type LimitStore, type Verdict } from './traffic/rate-limit/limit-store.ts'
export { createLimitState, judgeClaims, type Judged } from './traffic/rate-limit/judge-claims.ts'
export type { LimitSubject, OnStoreLoss, RateLimitRule } from './traffic/rate-limit/rate-limit-rule.ts'
export { Cdn } from './traffic/cache/cdn/cdn.ts'
export type { ResponseCache } from './traffic/cache/read-cache-option.ts'
export { assertPreconditions, type CurrentState, type PreconditionRules } from './traffic/etag/assert-preconditions.ts'
export type { Version } from './traffic/etag/entity-tag.ts'
export type { Etag } from './traffic/etag/etag-option.ts'
export type { Idempotency } from './traffic/idempotency/idempotency-option.ts'
export {
  DatabaseIdempotencyStore,
  type IdempotencyStore,
  type KeyClaim,
  type KeyClaimOutcome,
  type KeyClaimRequest,
} from './traffic/idempotency/idempotency-store.ts'
export { createMemoryIdempotencyStore } from './traffic/idempotency/stores/memory-idempotency-store.ts'
export { createRedisIdempotencyStore } from './traffic/idempotency/stores/redis-idempotency-store.ts'
export type { ApiVersions, ServedVersions } from './traffic/version/api-versions.ts'
export type { Announcement, Deprecation } from './traffic/version/deprecation.ts'
export { readVersionsFile, writeVersionsFile, type VersionsFile } from './traffic/version/versions-file.ts'
export { connect, type ConnectMiddleware } from './traffic/middleware/connect.ts'
export type { Middleware } from './traffic/middleware/middleware-option.ts'
export { web, type WebMiddleware } from './traffic/middleware/web.ts'
export { telemetry, telemetryFile } from './foundation/telemetry.ts'
export { isTracing, traced } from './traffic/tracing/tracing-option.ts'
export { Authorizer } from './http/context/authorizer.ts'
export { AccessDenied } from './traffic/access/access-denied.ts'
export { covers } from './traffic/access/covers.ts'
export { accessOf, type RouteAccess } from './traffic/access/route-access.ts'
export { strategy, type AuthStrategy } from './traffic/access/strategy.ts'
export { AuditLog, type AuditEntry } from './traffic/audit/audit-log.ts'
export type { Audit } from './traffic/audit/audit-option.ts'
