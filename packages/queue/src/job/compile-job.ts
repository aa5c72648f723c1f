import { markedFields, parseDuration, type Duration, type Schema } from 'glueful'
import type { JobGroup } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import { compileBackoff, type Wait } from './backoff.ts'
import type { JobContext, JobMiddleware } from './job-context.ts'
import type { JobOptions, UniqueOptions } from './job-options.ts'
import { shortKey } from './short-key.ts'
import { readConcurrency, readRate, type Refuse } from './read-limits.ts'
import { compilePayloadParser, type PayloadParser, type PayloadSchema } from './payload.ts'

export interface UniqueRule {
  readonly keyOf: (payload: unknown) => string
  /** From dispatch; undefined is until the job has ended. */
  readonly forMs: number | undefined
  readonly onConflict: 'existing' | 'reject' | 'replace'
}

/** A job's options with their defaults, checked and in base units. */
export interface CompiledJob {
  readonly name: string
  readonly parse: PayloadParser
  readonly hasSchema: boolean
  /** Fields of the payload that its schema marks by `redact: true`. */
  readonly marked: () => readonly string[]
  readonly upgrade: ((stored: unknown) => unknown) | undefined
  readonly queue: string
  readonly priority: number
  readonly delayMs: number
  readonly tries: number
  readonly wait: Wait
  readonly retryIf: (error: unknown, attempt: number) => boolean
  readonly timeoutMs: number
  readonly unique: UniqueRule | undefined
  /** Which jobs it shares limits with, and what these are. */
  readonly groupOf: ((payload: unknown) => JobGroup) | undefined
  readonly tagsOf: (payload: unknown) => readonly string[]
  readonly keepMs: number
  readonly transactional: boolean
  readonly middleware: readonly JobMiddleware[]
  readonly handler: (ctx: JobContext<never>) => unknown
}

type Options = JobOptions<never> & { readonly payload?: PayloadSchema | undefined }

const known = new Set<string>([
  'payload',
  'queue',
  'priority',
  'delay',
  'tries',
  'backoff',
  'retryIf',
  'timeout',
  'unique',
  'concurrency',
  'rateLimit',
  'tags',
  'upgrade',
  'middleware',
  'keep',
  'transactional',
] satisfies (keyof Options)[])

/** @throws `JOB_OPTION_INVALID`, `INVALID_DURATION` */
export function compileJob(name: string, options: Options, handler: (ctx: JobContext<never>) => unknown): CompiledJob {
  if (!isName(name)) throw fail('JOB_OPTION_INVALID', { job: name, option: 'name', found: JSON.stringify(name), expected: nameRule })
  for (const option of Object.keys(options)) {
    if (!known.has(option)) throw fail('JOB_OPTION_INVALID', { job: name, option, found: 'unknown', expected: `one of ${[...known].join(', ')}` })
  }
  const { queue = 'default', priority = 0, tries = 3, tags = [], upgrade, transactional = false, middleware = [], retryIf = () => true } = options
  if (!isName(queue)) throw fail('JOB_OPTION_INVALID', { job: name, option: 'queue', found: JSON.stringify(queue), expected: nameRule })
  requireWhole(name, 'priority', priority, -1_000, 1_000)
  requireWhole(name, 'tries', tries, 1, 1_000)
  const timeoutMs = parseDuration(options.timeout ?? '15m', `timeout of ${name}`)
  if (timeoutMs <= 0) throw fail('JOB_OPTION_INVALID', { job: name, option: 'timeout', found: String(options.timeout), expected: 'a duration above 0' })
  const { payload } = options
  return {
    name,
    parse: compilePayloadParser(payload),
    hasSchema: payload !== undefined,
    marked: () => markedFields({ payload: payload as Schema | undefined }),
    upgrade,
    queue,
    priority,
    delayMs: parseDuration(options.delay ?? 0, `delay of ${name}`),
    tries,
    wait: compileBackoff(name, options.backoff),
    retryIf,
    timeoutMs,
    unique: compileUnique(name, options.unique),
    groupOf: compileGroup(name, options),
    tagsOf: typeof tags === 'function' ? (tags as (payload: unknown) => readonly string[]) : () => tags,
    keepMs: parseDuration(options.keep ?? 0, `keep of ${name}`),
    transactional,
    middleware: middleware as readonly JobMiddleware[],
    handler,
  }
}

export const nameRule = 'letters, digits and . _ - / between them, at most 120'

/** Names of jobs and queues are labels of metrics and parts of keys. */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 120 && /^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/.test(text)
}

export function requireWhole(job: string, option: string, found: number, min: number, max: number): void {
  if (Number.isInteger(found) && found >= min && found <= max) return
  throw fail('JOB_OPTION_INVALID', { job, option, found: String(found), expected: `a whole number from ${min} to ${max}` })
}

function compileUnique(job: string, unique: Options['unique']): UniqueRule | undefined {
  if (unique === undefined) return undefined
  const options: UniqueOptions<never> = unique === true ? {} : typeof unique === 'function' ? { key: unique } : unique
  const { onConflict = 'existing', key } = options
  if (!['existing', 'reject', 'replace'].includes(onConflict)) {
    throw fail('JOB_OPTION_INVALID', { job, option: 'unique.onConflict', found: String(onConflict), expected: "'existing', 'reject' or 'replace'" })
  }
  const keyOf = key === undefined ? (payload: unknown) => JSON.stringify(payload) ?? '' : (key as (payload: unknown) => string)
  return {
    keyOf: (payload) => shortKey(`${job}:${keyOf(payload)}`),
    forMs: options.for === undefined ? undefined : parseDuration(options.for, `unique.for of ${job}`),
    onConflict,
  }
}

/** Limits that are functions are asked for each job; the last one dispatched with a key says what holds for all of them. */
function compileGroup(job: string, { concurrency, rateLimit }: Options): CompiledJob['groupOf'] {
  if (concurrency === undefined && rateLimit === undefined) return undefined
  const capped = typeof concurrency === 'number' ? { limit: concurrency } : concurrency
  const keys = [capped, rateLimit].filter((rule) => rule !== undefined).map((rule) => rule.key)
  if (keys.length === 2 && keys[0] !== keys[1]) {
    throw fail('JOB_OPTION_INVALID', { job, option: 'rateLimit.key', found: 'another function than concurrency.key', expected: 'the same function in both' })
  }
  const keyOf = keys[0] as ((payload: unknown) => string) | undefined
  const refuse: Refuse = (option, found, expected) => fail('JOB_OPTION_INVALID', { job, option, found, expected })
  const concurrencyOf = (limit: number | undefined) => (limit === undefined ? undefined : readConcurrency(limit, refuse))
  const rateOf = (limit: number | undefined, per: Duration) => (limit === undefined ? undefined : readRate(limit, per, job, refuse))
  const fixed = {
    concurrency: typeof capped?.limit === 'function' ? undefined : concurrencyOf(capped?.limit),
    rate:
      rateLimit === undefined || typeof rateLimit.limit === 'function' || typeof rateLimit.per === 'function'
        ? undefined
        : rateOf(rateLimit.limit, rateLimit.per),
  }
  return (payload) => ({
    key: keyOf === undefined ? job : shortKey(`${job}:${keyOf(payload)}`),
    concurrency: fixed.concurrency ?? (capped === undefined ? undefined : concurrencyOf(valueOf(capped.limit, payload))),
    rate: fixed.rate ?? (rateLimit === undefined ? undefined : rateOf(valueOf(rateLimit.limit, payload), valueOf(rateLimit.per, payload))),
  })
}

function valueOf<T extends string | number | undefined>(value: T | ((payload: never) => T), payload: unknown): T {
  return typeof value === 'function' ? value(payload as never) : value
}
