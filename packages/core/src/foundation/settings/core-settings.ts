import { defineSettings } from './define-settings.ts'
import { env } from './env.ts'

/** The framework's own settings; every application has them. */
export const coreSettings = defineSettings({
  port: env.port('PORT', { default: 3000, describe: 'Port the server listens on; 0 takes a free one' }),
  host: env.string('HOST', { optional: true, describe: 'Address the server listens on (0.0.0.0 in production, else 127.0.0.1)' }),
  workers: env.integer('WORKERS', { default: 1, min: 1, max: 1024, describe: 'Processes that share the port' }),
  logLevel: env.enum('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal'], { default: 'info', describe: 'Least level that is logged' }),
  logFormat: env.enum('LOG_FORMAT', ['json', 'pretty'], { optional: true, describe: 'Format of logs (pretty in development, else json)' }),
  corsAllowOrigins: env.list('CORS_ALLOW_ORIGINS', { default: [], describe: 'Origins whose pages may use the API' }),
  trustProxy: env.list('TRUST_PROXY', { default: [], describe: 'Number of proxies in front, or their addresses and networks' }),
  allowedHosts: env.list('ALLOWED_HOSTS', { default: [], describe: 'Host names the API answers under; empty for any' }),
  forceHttps: env.boolean('FORCE_HTTPS', { default: false, describe: 'Redirect plain HTTP to HTTPS' }),
  healthAllow: env.list('HEALTH_IP_ALLOWLIST', {
    default: ['loopback', 'private'],
    describe: 'Addresses and networks that may ask for readiness and health details',
  }),
  metricsAllow: env.list('METRICS_IP_ALLOWLIST', { default: ['loopback', 'private'], describe: 'Addresses and networks that may read /metrics' }),
  docsEnabled: env.boolean('API_DOCS_ENABLED', { optional: true, describe: 'Serve /openapi.json and /docs (default: not in production)' }),
  bodyLimit: env.byteSize('BODY_LIMIT', { default: '1mb', min: 1, describe: 'Largest request body' }),
  requestTimeout: env.duration('REQUEST_TIMEOUT', { default: '30s', min: 1, describe: 'How long a handler may take to answer' }),
  shutdownTimeout: env.duration('SHUTDOWN_TIMEOUT', { default: '30s', describe: 'How long requests in flight may take when the server stops' }),
})

type ValuesOf<S> = S extends { readonly type?: infer V } ? NonNullable<V> : never
export type CoreSettings = ValuesOf<typeof coreSettings>
