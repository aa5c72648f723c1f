import type { Environment } from '../environment.ts'
import { isAddressEntry } from '../network/address-list.ts'
import { isHostPattern } from '../network/host-pattern.ts'
import { isOriginPattern } from '../network/origin-pattern.ts'
import { defineSettings, type ValuesOf } from './define-settings.ts'
import { env } from './env.ts'
import type { Setting } from './setting.ts'

// APP_ENV decides which files are read, so it is known before any setting is.
const environment: Setting<Environment> = {
  ...env.enum('APP_ENV', ['development', 'test', 'production'], {
    default: 'development',
    describe: 'What the process runs for; NODE_ENV where APP_ENV is not set',
  }),
  fromEnvironment: (running) => running,
}

const addresses = { test: isAddressEntry, expected: "addresses, networks, 'loopback' or 'private'" }

const store = (name: string, describe: string) =>
  env.enum(name, ['auto', 'memory', 'redis', 'database'], {
    default: 'auto',
    describe: `${describe}; auto is Redis where REDIS_URL is set, else memory with one worker, else the database`,
  })

/** The framework's own settings; every application has them. */
export const coreSettings = defineSettings(
  {
    environment,
    port: env.port('PORT', { default: 3000, describe: 'Port the server listens on; 0 takes a free one' }),
    host: env.string('HOST', { default: '127.0.0.1', defaultIn: { production: '0.0.0.0' }, describe: 'Address the server listens on' }),
    appUrl: env.url('APP_URL', {
      optional: true,
      protocols: ['http', 'https'],
      example: 'https://api.example.com',
      describe: 'Public address of the API, for links to it',
    }),
    appKey: env.secret('APP_KEY', {
      optional: true,
      minLength: 32,
      describe: 'Encrypts what is stored secretly, such as keys for tokens; at least 32 characters, from openssl rand -base64 32',
    }),
    appPreviousKeys: env.secret('APP_PREVIOUS_KEYS', {
      optional: true,
      describe: 'Earlier values of APP_KEY between commas: what they encrypted can still be read',
    }),
    settingsKey: env.secret('SETTINGS_KEY', {
      optional: true,
      minLength: 32,
      describe: 'Opens .env.<environment>.encrypted; given by the environment of the process, never by a file beside it',
    }),
    settingsPreviousKeys: env.secret('SETTINGS_PREVIOUS_KEYS', {
      optional: true,
      describe: 'Earlier values of SETTINGS_KEY between commas, for a release that is still encrypted with one',
    }),
    workers: env.integer('WORKERS', { default: 1, min: 1, max: 1024, describe: 'Processes that share the port' }),
    logLevel: env.enum('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal'], { default: 'info', describe: 'Least level that is logged' }),
    logFormat: env.enum('LOG_FORMAT', ['json', 'pretty'], { default: 'json', defaultIn: { development: 'pretty' }, describe: 'Format of logs' }),
    tracing: env.boolean('TRACING_ENABLED', { default: true, describe: 'Spans for requests and jobs, where an OpenTelemetry provider is registered' }),
    corsAllowOrigins: env.list('CORS_ALLOW_ORIGINS', {
      default: [],
      each: { test: isOriginPattern, expected: "origins ('https://shop.example.com', 'https://*.example.com', '*')" },
      describe: 'Origins whose pages may use the API',
    }),
    trustProxy: env.list('TRUST_PROXY', {
      default: [],
      each: {
        test: (item: string) => (/^\d+$/.test(item) ? Number(item) >= 1 && Number(item) <= 16 : isAddressEntry(item)),
        expected: 'a number from 1 to 16, or addresses and networks',
      },
      describe: 'Number of proxies in front, or their addresses and networks',
    }),
    allowedHosts: env.list('ALLOWED_HOSTS', {
      default: [],
      each: { test: isHostPattern, expected: 'host names without port (api.example.com, *.example.com)' },
      describe: 'Host names the API answers under; empty for any',
    }),
    forceHttps: env.boolean('FORCE_HTTPS', { default: false, describe: 'Answer over HTTPS only: redirect browsers, refuse programs' }),
    healthAllow: env.list('HEALTH_IP_ALLOWLIST', {
      default: ['loopback', 'private'],
      each: addresses,
      describe: 'Addresses and networks that may ask for readiness and health details',
    }),
    metricsAllow: env.list('METRICS_IP_ALLOWLIST', {
      default: ['loopback', 'private'],
      each: addresses,
      describe: 'Addresses and networks that may read /metrics',
    }),
    docsEnabled: env.boolean('API_DOCS_ENABLED', { default: true, defaultIn: { production: false }, describe: 'Serve /openapi.json and /docs' }),
    apiUsePrefix: env.boolean('API_USE_PREFIX', { default: false, describe: "Serve the application's routes below API_PREFIX" }),
    apiPrefix: env.string('API_PREFIX', {
      default: '/api',
      pattern: /^(\/[A-Za-z0-9_-]+)+$/,
      example: '/api',
      describe: 'What paths of the API start with; starts with a slash and does not end with one',
    }),
    apiVersionInPath: env.boolean('API_VERSION_IN_PATH', { default: false, describe: 'Paths carry the version: /v2/cars' }),
    apiVersionStrict: env.boolean('API_VERSION_STRICT', {
      default: true,
      describe: 'Refuse requests for a version that there is not, instead of serving the default',
    }),
    apiVersionsFile: env.string('API_VERSIONS_FILE', {
      default: 'api-versions.json',
      describe: 'File of glueful api version deprecate; a missing one is empty',
    }),
    bodyLimit: env.byteSize('BODY_LIMIT', { default: '1mb', min: '1b', describe: 'Largest request body' }),
    requestTimeout: env.duration('REQUEST_TIMEOUT', { default: '30s', min: '1ms', describe: 'How long a handler may take to answer' }),
    errorThrottle: env.boolean('ERROR_THROTTLE', {
      optional: true,
      describe: 'Keep addresses out that cause too many errors; unless set, in production where all processes can count together',
    }),
    loadShedding: env.boolean('LOAD_SHEDDING', { default: false, describe: 'Turn requests away while the process is overloaded' }),
    redisUrl: env.secret('REDIS_URL', {
      optional: true,
      example: 'rediss://user:password@redis.example.com:6379/0',
      describe: 'Redis for cache, limits and locks; required with several workers unless a database does it',
    }),
    rateLimitStore: store('RATE_LIMIT_STORE', 'Where rate limits are counted'),
    cacheStore: store('CACHE_STORE', 'Where cached answers and values are kept'),
    cacheMemoryLimit: env.byteSize('CACHE_MEMORY_LIMIT', { default: '64mb', min: '64kb', describe: 'Most that the cache keeps in the memory of a process' }),
    cacheLocalLimit: env.byteSize('CACHE_LOCAL_LIMIT', {
      default: 0,
      example: '32mb',
      describe: 'Copies in the memory of each process over a cache in Redis; 0 keeps none',
    }),
    cdnProvider: env.enum('CDN_PROVIDER', ['fastly', 'cloudflare'], {
      optional: true,
      describe: 'CDN that learns the tags of cached answers and is purged by them',
    }),
    cdnZone: env.string('CDN_ZONE', { optional: true, describe: "Fastly's service id or Cloudflare's zone id" }),
    cdnToken: env.secret('CDN_TOKEN', { optional: true, describe: 'Token that may purge the CDN' }),
    cdnApiUrl: env.url('CDN_API_URL', { optional: true, protocols: ['http', 'https'], describe: "The CDN's API, where it is not at its usual address" }),
    idempotencyStore: env.enum('IDEMPOTENCY_STORE', ['auto', 'memory', 'redis', 'database'], {
      default: 'auto',
      describe: 'Where answers for Idempotency-Keys are kept; auto is the database where there is one, else Redis where REDIS_URL is set, else memory',
    }),
    idempotencyTtl: env.duration('IDEMPOTENCY_TTL', { default: '24h', min: '1s', describe: 'How long an Idempotency-Key is remembered' }),
    lockStore: store('LOCK_STORE', 'Where locks are held'),
    shutdownTimeout: env.duration('SHUTDOWN_TIMEOUT', { default: '30s', describe: 'How long requests in flight may take when the server stops' }),
  },
  { name: 'core-settings', docs: 'docs/settings.md of Glueful' },
)

export type CoreSettings = ValuesOf<typeof coreSettings>
