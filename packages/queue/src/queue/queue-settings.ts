import { defineSettings, env, type ValuesOf } from 'glueful'

/** The settings of the queue; every application with queue() has them. */
export const queueSettings = defineSettings(
  {
    driver: env.enum('QUEUE_DRIVER', ['database', 'redis', 'sync'], {
      default: 'database',
      describe: 'Where jobs are kept: the database of the application, or Redis at REDIS_URL; sync runs them where they are dispatched',
    }),
    worker: env.boolean('QUEUE_WORKER', {
      default: false,
      defaultIn: { development: true },
      describe: 'Run jobs in the processes that serve HTTP too; queue({ worker: true }) does so whatever this says',
    }),
    queues: env.list('QUEUE_QUEUES', {
      default: [],
      example: 'critical,default',
      describe: 'Queues that workers take jobs from, in this order or with weights (critical:3,default:1); empty for those of all known jobs',
    }),
    concurrency: env.integer('QUEUE_CONCURRENCY', { default: 10, min: 1, max: 10_000, describe: 'Jobs that a worker runs at once' }),
    lease: env.duration('QUEUE_LEASE', {
      default: '10s',
      min: '1s',
      max: '1h',
      describe: 'A worker that is silent for so long loses its jobs to others',
    }),
    metrics: env.boolean('QUEUE_METRICS', { default: true, describe: 'Record how long jobs wait and run, and what becomes of them' }),
    metricsPort: env.port('QUEUE_METRICS_PORT', {
      optional: true,
      describe: 'Port on which `glueful queue work` answers /metrics and the health routes; 0 takes a free one, none by default',
    }),
    metricsHost: env.string('QUEUE_METRICS_HOST', { default: '127.0.0.1', describe: 'Address that QUEUE_METRICS_PORT is opened on; 0.0.0.0 in a container' }),
    redisAllowLoss: env.boolean('QUEUE_REDIS_ALLOW_LOSS', {
      default: false,
      describe: 'Accept a Redis that may lose jobs: one without appendonly, or one that evicts',
    }),
    payloadLimit: env.byteSize('QUEUE_PAYLOAD_LIMIT', { default: '256kb', min: '1kb', max: '16mb', describe: 'Largest payload of a job' }),
  },
  { name: 'queue-settings', docs: 'docs/jobs.md of Glueful' },
)

export type QueueSettings = ValuesOf<typeof queueSettings>
