import { parseDuration, type Duration } from 'glueful'
import type { NewJob } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import type { Origin } from '../tracing/origin.ts'
import { isName, nameRule, requireWhole, type CompiledJob } from './compile-job.ts'
import { createJobId } from './job-id.ts'
import type { DispatchOptions } from './job-options.ts'
import { decodePayload, encodePayload, type ParsedPayload } from './payload.ts'

export interface Surroundings {
  readonly now: number
  /** In bytes. */
  readonly payloadLimit: number
  readonly origin: Origin
}

const mostTags = 10

/**
 * Makes what an engine stores. The payload is judged in the form that it will be read in, so that what passes here
 * passes there; synchronous unless the schema is not.
 *
 * @throws `JOB_PAYLOAD_INVALID`, `JOB_PAYLOAD_TOO_LARGE`, `JOB_PAYLOAD_UNSERIALIZABLE`, `JOB_OPTION_INVALID`
 */
export function prepareJob(job: CompiledJob, payload: unknown, options: DispatchOptions, around: Surroundings): NewJob | Promise<NewJob> {
  const stored = encodePayload(job.name, payload, around.payloadLimit)
  if (!job.hasSchema) return build(job, stored, payload, options, around)
  const finish = (parsed: ParsedPayload) => {
    if ('faults' in parsed) throw fail('JOB_PAYLOAD_INVALID', { job: job.name, faults: parsed.faults })
    return build(job, stored, parsed.value, options, around)
  }
  const parsed = job.parse(decodePayload(stored))
  return parsed instanceof Promise ? parsed.then(finish) : finish(parsed)
}

function build(job: CompiledJob, stored: string, value: unknown, options: DispatchOptions, { now, origin }: Surroundings): NewJob {
  const { name } = job
  const { queue = job.queue, priority = job.priority, tries = job.tries, at, after } = options
  if (options.queue !== undefined && !isName(queue))
    throw fail('JOB_OPTION_INVALID', { job: name, option: 'queue', found: JSON.stringify(queue), expected: nameRule })
  if (options.priority !== undefined) requireWhole(name, 'priority', priority, -1_000, 1_000)
  if (options.tries !== undefined) requireWhole(name, 'tries', tries, 1, 1_000)
  const tags = options.tags ?? job.tagsOf(value)
  if (tags.length > mostTags) throw fail('JOB_OPTION_INVALID', { job: name, option: 'tags', found: `${tags.length} tags`, expected: `at most ${mostTags}` })
  const meta = tags.length === 0 ? origin : { ...origin, tags }
  const made: { -readonly [Member in keyof NewJob]: NewJob[Member] } = {
    id: createJobId(now),
    job: name,
    queue,
    payload: stored,
    priority,
    createdAt: now,
    runAt: at === undefined ? now + ms(options.delay, job.delayMs, name) : startOf(at, name),
    tries,
    keepMs: ms(options.keep, job.keepMs, name),
  }
  // Most jobs have none of these, and are made by the thousand.
  const { unique, groupOf } = job
  if (unique !== undefined) {
    const until = unique.forMs === undefined ? undefined : now + unique.forMs
    made.unique = { key: unique.keyOf(value), until, onConflict: unique.onConflict }
  }
  if (groupOf !== undefined) made.group = groupOf(value)
  if (after !== undefined && after.length > 0) made.after = after.map((one) => idOf(one, name))
  if (Object.keys(meta).length > 0) made.meta = meta
  return made
}

/** What is no id of a job would be a job that nobody knows any more, and nothing would be waited for. */
function idOf(one: string | { readonly id: string }, job: string): string {
  const id: unknown = typeof one === 'object' ? one?.id : one
  if (typeof id === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id
  throw fail('JOB_OPTION_INVALID', { job, option: 'after', found: String(JSON.stringify(id)), expected: 'what a dispatch gave, or ids of jobs' })
}

function startOf(at: Date, job: string): number {
  const time = at.getTime()
  if (Number.isNaN(time)) throw fail('JOB_OPTION_INVALID', { job, option: 'at', found: String(at), expected: 'a valid date' })
  return time
}

function ms(given: Duration | undefined, otherwise: number, job: string): number {
  return given === undefined ? otherwise : parseDuration(given, `A duration in the options of ${job}`)
}
