import type { Dialect } from '@glueful/database'

interface Types {
  readonly id: string
  readonly key: string
  /** Of a job or a queue; at most 120 characters. */
  readonly name: string
  readonly long: string
  readonly ms: string
  readonly int: string
  /** Behind a table's closing bracket. */
  readonly jobs: string
  readonly table: string
}

const types: Readonly<Record<Dialect, Types>> = {
  sqlite: { id: 'text', key: 'text', name: 'text', long: 'text', ms: 'integer', int: 'integer', jobs: ' without rowid', table: ' without rowid' },
  // Rows come and go by the thousand: room on each page, and a vacuum long before a fifth of the table is dead.
  postgres: {
    id: 'uuid',
    key: 'text',
    name: 'text',
    long: 'text',
    ms: 'bigint',
    int: 'integer',
    jobs: ' with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)',
    table: '',
  },
  mysql: {
    id: 'char(36) character set ascii collate ascii_bin',
    key: 'varchar(255) character set utf8mb4 collate utf8mb4_bin',
    name: 'varchar(120) character set utf8mb4 collate utf8mb4_bin',
    long: 'longtext character set utf8mb4 collate utf8mb4_bin',
    ms: 'bigint',
    int: 'integer',
    jobs: ' engine = InnoDB',
    table: ' engine = InnoDB',
  },
}

/** Tables in the order in which they can be dropped. */
export const jobTables = [
  'glueful_jobs',
  'glueful_dead_letters',
  'glueful_job_outbox',
  'glueful_job_effects',
  'glueful_queue_numbers',
  'glueful_queue_depths',
  'glueful_queue_counts',
  'glueful_queue_hosts',
  'glueful_redrives',
  'glueful_schedules',
  'glueful_schedule_runs',
  'glueful_job_groups',
  'glueful_job_dependencies',
  'glueful_job_batches',
  'glueful_queues',
  'glueful_queue_workers',
]

/**
 * What keeps the jobs. Times are ms since the epoch, so that all dialects and every client compare them alike. An index
 * for claims holds only what may be claimed, where the dialect has partial ones: it stays small whatever else is stored.
 */
export function createJobTables(dialect: Dialect): string[] {
  const t = types[dialect]
  const partial = (condition: string) => (dialect === 'mysql' ? '' : ` where ${condition}`)
  // Columns that are only read along, so that jobs are counted without their rows.
  const along = (columns: string, more: string) => (dialect === 'postgres' ? `(${columns}) include (${more})` : `(${columns}, ${more})`)
  const claims = along(dialect === 'mysql' ? 'queue, state, sort_order, id' : 'queue, sort_order, id', 'run_at')
  return [
    `create table glueful_jobs (
      id ${t.id} primary key, queue ${t.key} not null, job ${t.key} not null, state varchar(10) not null, sort_order ${t.int} not null,
      run_at ${t.ms} not null, created_at ${t.ms} not null, attempts ${t.int} not null, tries ${t.int} not null, crashes ${t.int} not null,
      keep_ms ${t.ms} not null, waits ${t.int} not null, dependents ${t.int} not null, cancel_asked ${t.int} not null,
      payload ${t.long} not null, meta ${t.long}, failures ${t.long}, claim varchar(40), worker varchar(120), started_at ${t.ms},
      group_key ${t.key}, unique_key ${t.key}, unique_until ${t.ms}, batch_id ${t.id}, progress ${t.long}, result ${t.long},
      finished_at ${t.ms}, expires_at ${t.ms}
    )${t.jobs}`,
    // Most jobs have no key, and an index that does not know them is not written for them.
    `create unique index glueful_jobs_unique on glueful_jobs (unique_key)${partial('unique_key is not null')}`,
    `create index glueful_jobs_claim on glueful_jobs ${claims}${partial(`state = 'waiting'`)}`,
    ...(dialect === 'mysql' ? [] : [`create index glueful_jobs_suspect on glueful_jobs ${claims} where state = 'suspect'`]),
    `create index glueful_jobs_due on glueful_jobs ${dialect === 'mysql' ? '(state, run_at)' : `${along('run_at', 'queue')} where state = 'delayed'`}`,
    `create index glueful_jobs_worker on glueful_jobs (worker)${partial(`state = 'active'`)}`,
    ...(dialect === 'mysql' ? [] : [`create index glueful_jobs_blocked on glueful_jobs (queue) where state = 'blocked'`]),
    `create index glueful_jobs_group on glueful_jobs ${dialect === 'mysql' ? '(group_key, state, sort_order, id)' : along('group_key, state, sort_order, id', 'queue, run_at')}${partial('group_key is not null')}`,
    `create index glueful_jobs_batch on glueful_jobs (batch_id)${partial('batch_id is not null')}`,
    `create index glueful_jobs_expiry on glueful_jobs ${dialect === 'mysql' ? '(expires_at)' : along('expires_at', 'state, queue')}${partial('expires_at is not null')}`,
    `create table glueful_job_groups (
      group_key ${t.key} not null primary key, queue ${t.key} not null, concurrency ${t.int}, rate_limit ${t.int}, rate_per ${t.ms},
      window_at ${t.ms} not null, window_count ${t.int} not null, served_at ${t.ms} not null, touched_at ${t.ms} not null
    )${t.table}`,
    `create index glueful_job_groups_turn on glueful_job_groups (queue, served_at)`,
    `create table glueful_job_dependencies (parent_id ${t.id} not null, job_id ${t.id} not null, primary key (parent_id, job_id))${t.table}`,
    `create index glueful_job_dependencies_job on glueful_job_dependencies (job_id)`,
    `create table glueful_job_batches (
      id ${t.id} primary key, name ${t.key}, total ${t.int} not null, done ${t.int} not null, failed ${t.int} not null, cancelled ${t.int} not null,
      state varchar(10) not null, allow_failures ${t.int} not null, callbacks ${t.long} not null, created_at ${t.ms} not null, finished_at ${t.ms}
    )${t.table}`,
    `create table glueful_dead_letters (
      id ${t.id} primary key, job_id ${t.id} not null, queue ${t.key} not null, job ${t.key} not null, payload ${t.long} not null, meta ${t.long},
      sort_order ${t.int} not null, tries ${t.int} not null, attempts ${t.int} not null, keep_ms ${t.ms} not null, group_key ${t.key}, unique_key ${t.key},
      batch_id ${t.id}, failures ${t.long} not null, fingerprint varchar(32) not null, error_name ${t.key} not null, error_message ${t.long} not null,
      state varchar(10) not null, note ${t.long}, settled_by ${t.key}, settled_at ${t.ms}, redrive_id ${t.id}, created_at ${t.ms} not null, failed_at ${t.ms} not null
    )${t.table}`,
    `create index glueful_dead_letters_state on glueful_dead_letters (state, failed_at, id)`,
    `create index glueful_dead_letters_cause on glueful_dead_letters (fingerprint, state)`,
    `create index glueful_dead_letters_job on glueful_dead_letters (job_id)`,
    `create index glueful_dead_letters_redrive on glueful_dead_letters (redrive_id)${partial('redrive_id is not null')}`,
    `create table glueful_redrives (
      id ${t.id} primary key, total ${t.int} not null, failed ${t.int} not null, stop_after ${t.int}, state varchar(10) not null, created_at ${t.ms} not null
    )${t.table}`,
    `create table glueful_schedules (
      name ${t.key} not null primary key, definition ${t.long} not null, next_at ${t.ms}, last_at ${t.ms}, last_job ${t.id}
    )${t.table}`,
    `create table glueful_schedule_runs (
      id ${t.id} primary key, schedule ${t.key} not null, due_at ${t.ms} not null, at ${t.ms} not null, outcome varchar(10) not null,
      reason varchar(10) not null, job_id ${t.id}
    )${t.table}`,
    `create index glueful_schedule_runs_schedule on glueful_schedule_runs (schedule, id)`,
    `create table glueful_job_outbox (id ${t.id} primary key, body ${t.long} not null, created_at ${t.ms} not null)${t.table}`,
    `create table glueful_job_effects (job_id ${t.id} primary key, at ${t.ms} not null)${t.table}`,
    `create index glueful_job_effects_at on glueful_job_effects (at)`,
    `create table glueful_queue_numbers (
      resolution ${t.int} not null, at ${t.ms} not null, queue ${t.name} not null, job ${t.name} not null, connection varchar(20) not null,
      source varchar(40) not null, numbers ${t.long} not null, primary key (resolution, at, queue, job, connection, source)
    )${t.table}`,
    `create table glueful_queue_depths (
      at ${t.ms} not null, queue ${t.name} not null, waiting ${t.ms} not null, later ${t.ms} not null, active ${t.ms} not null,
      oldest_ms ${t.ms} not null, primary key (at, queue)
    )${t.table}`,
    `create table glueful_queue_counts (
      id ${t.int} not null primary key, at ${t.ms} not null, cost_ms ${t.ms} not null, counting_until ${t.ms} not null, counts ${t.long} not null
    )${t.table}`,
    `create table glueful_queue_hosts (host ${t.name} not null primary key, at ${t.ms} not null, record ${t.long} not null)${t.table}`,
    `create table glueful_queues (queue ${t.key} not null primary key, paused ${t.int} not null, paused_at ${t.ms})${t.table}`,
    `create table glueful_queue_workers (
      id varchar(120) not null primary key, host ${t.key} not null, pid ${t.int} not null, queues ${t.long} not null, concurrency ${t.int} not null,
      state varchar(10) not null, running ${t.int} not null, done ${t.ms} not null, failed ${t.ms} not null, memory_bytes ${t.ms} not null,
      cpu_seconds double precision not null, started_at ${t.ms} not null, seen_at ${t.ms} not null, lease_until ${t.ms} not null
    )${t.table}`,
  ]
}

/** How much of their rates queues with limits have used; claims in such a queue take turns by its row. */
export function createQueueLimitTable(dialect: Dialect): string {
  const t = types[dialect]
  return `create table glueful_queue_limits (
    queue ${t.key} not null primary key, window_at ${t.ms} not null, window_count ${t.int} not null
  )${t.table}`
}
