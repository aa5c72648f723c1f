import { service, type Service } from '../../foundation/services/service.ts'

/** A claim of a key: whoever holds it does the work. */
export interface KeyClaim {
  readonly key: string
  /** Tells this attempt from any other, so that one that has lost its claim cannot complete. */
  readonly owner: string
}

export interface KeyClaimRequest extends KeyClaim {
  /** What the request asks for; the same key may not ask for something else. */
  readonly fingerprint: string
  /** How long the claim holds, in ms; then another attempt may take it. */
  readonly leaseMs: number
  /** How long the key is remembered, in ms. */
  readonly keepMs: number
  /** Now, in ms since the epoch. */
  readonly now: number
}

export type KeyClaimOutcome =
  | { readonly state: 'claimed' }
  | { readonly state: 'in-flight'; readonly fingerprint: string }
  | { readonly state: 'done'; readonly fingerprint: string; readonly answer: string }

/** Where keys and their answers are kept. One conformance suite (tests/idempotency/idempotency-store-suite.ts) holds all to this. */
export interface IdempotencyStore {
  readonly name: string
  /** Whether `complete` joins the transaction that is open where it is called. */
  readonly isTransactional: boolean
  /** Takes a key that is free, expired, or whose claim has run out. */
  claim(request: KeyClaimRequest): Promise<KeyClaimOutcome>
  /** Keeps the answer. False where the claim was lost: then nothing is kept, and the work must not count. */
  complete(claim: KeyClaim, answer: string, keptUntil: number): Promise<boolean>
  /** Gives the key free, where the claim is still held and not completed. */
  abandon(claim: KeyClaim): Promise<void>
}

/** The store that a database package offers; answers are kept in the transaction of the work. */
export const DatabaseIdempotencyStore: Service<IdempotencyStore> = service<IdempotencyStore>('database-idempotency-store')
