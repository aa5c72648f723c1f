import { Database, runTrial } from '@glueful/database'
import {
  createSandbox,
  parseDuration,
  Redaction,
  runInSandbox,
  type Clock,
  type Emit,
  type OwnSandbox,
  type Redactor,
  type SandboxEffect,
  type Use,
} from 'glueful'
import { captureDispatch } from '../engine/hold-back.ts'
import { fail } from '../errors.ts'
import { withDispatcher, type Dispatcher } from '../job/dispatcher.ts'
import type { AnyJob } from '../job/job.ts'
import { decodePayload, encodePayload } from '../job/payload.ts'
import { isVerdict } from '../job/verdict.ts'
import { unknownJob } from '../queue/create-queue.ts'
import { toFailure } from '../worker/failure.ts'
import { runHandler } from '../worker/run-once.ts'
import { secretsOfPayload, shownFailure } from '../worker/shown-failure.ts'
import type { DeadLetter } from './dead-letter.ts'
import { fingerprintOf } from './fingerprint.ts'
import { createSandboxLog } from './sandbox-log.ts'
import type { SandboxRequest, SandboxRun } from './sandbox-run.ts'

export interface SandboxTools {
  readonly jobs: ReadonlyMap<string, AnyJob>
  readonly use: Use
  readonly emit: Emit
  readonly clock: Clock
  readonly dispatcher: Dispatcher
  /** In bytes. */
  readonly payloadLimit: number
}

const usualMs = 20_000
const mostMs = 60_000
const outcomes = { skip: 'skipped', release: 'released', bury: 'buried' } as const

/**
 * Runs the job of a dead letter once, in transactions that are rolled back and in a sandbox that holds back what it sends.
 * @throws `JOB_UNKNOWN`, `JOB_PAYLOAD_TOO_LARGE`, `DEAD_LETTER_OPTION_INVALID`, `SANDBOX_ANSWER_INVALID`; what its handler throws is an outcome
 */
export async function runLetterInSandbox(letter: DeadLetter, request: SandboxRequest, tools: SandboxTools): Promise<SandboxRun> {
  const { jobs, use, emit, clock, dispatcher, payloadLimit } = tools
  const compiled = jobs.get(letter.job)?.compiled
  if (compiled === undefined) throw unknownJob(letter.job, jobs)
  const payload = encodePayload(letter.job, 'payload' in request ? request.payload : letter.payload, payloadLimit)
  const timeoutMs = readTimeout(request, compiled.timeoutMs)
  const redact = use(Redaction)
  const sandbox = createSandbox({ clock, ...(request.answers === undefined ? undefined : { answers: request.answers }) })
  const { log, lines, count } = createSandboxLog(redact, clock)
  const { meta, requestId } = letter
  const delivery = { id: letter.jobId, job: letter.job, queue: letter.queue, attempt: 1, tries: letter.tries, meta }
  const handle = () => runHandler(compiled, payload, delivery, { log, use, emit, clock }, timeoutMs)
  const work = async () => {
    const value = await (compiled.transactional ? use(Database).transaction(handle) : handle())
    const [next] = meta.chain ?? []
    if (next !== undefined && (!isVerdict(value) || value.verdict === 'skip')) captureDispatch(sandbox, next)
    return value
  }
  const started = clock.monotonic()
  const trial = await runTrial(use, () => runInSandbox(sandbox, () => withDispatcher(dispatcher, requestId, work)).finally(() => sandbox.end()))
  const durationMs = clock.monotonic() - started
  return {
    id: letter.id,
    job: letter.job,
    ...outcomeOf(trial.outcome, letter, payload, redact, Math.round(clock.now())),
    durationMs,
    effects: shownEffects(sandbox, payload, redact),
    effectCount: sandbox.count,
    queries: trial.queries.map((query) => ({ ...query, text: redact.text(query.text, secretsOf(payload, redact)) })),
    queryCount: trial.queryCount,
    logs: lines,
    logCount: count(),
  }
}

function readTimeout({ timeout }: SandboxRequest, ofJob: number): number {
  if (timeout === undefined) return Math.min(ofJob, usualMs)
  const ms = parseDuration(timeout, 'timeout of a sandboxed run')
  if (ms >= 1 && ms <= mostMs) return ms
  throw fail('DEAD_LETTER_OPTION_INVALID', { option: 'timeout', found: String(timeout), expected: 'a duration of at most 60 s' })
}

function outcomeOf(
  outcome: PromiseSettledResult<unknown>,
  letter: DeadLetter,
  payload: string,
  redact: Redactor,
  at: number,
): Pick<SandboxRun, 'outcome' | 'result' | 'error' | 'sameCause'> {
  if (outcome.status === 'rejected') {
    const error = shownFailure(toFailure(outcome.reason, { at, attempt: 1, worker: 'sandbox' }), redact, payload)
    return { outcome: 'failed', error, sameCause: fingerprintOf(letter.job, error) === letter.fingerprint }
  }
  const { value } = outcome
  if (value === undefined) return { outcome: 'completed', sameCause: false }
  const { result } = redact({ result: isVerdict(value) ? { ...value, kind: undefined } : value }, secretsOf(payload, redact))
  return { outcome: isVerdict(value) ? outcomes[value.verdict] : 'completed', result, sameCause: false }
}

function shownEffects({ effects }: OwnSandbox, payload: string, redact: Redactor): SandboxEffect[] {
  const secrets = secretsOf(payload, redact)
  return effects.map(({ kind, summary, detail, atMs }) => ({
    kind,
    summary: redact.text(summary, secrets),
    detail: redact({ detail }, secrets)['detail'],
    atMs,
  }))
}

const secretsOf = (payload: string, redact: Redactor) => secretsOfPayload(redact, decodePayload(payload))
