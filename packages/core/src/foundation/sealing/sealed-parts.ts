export const nonceLength = 12
export const tagLength = 16

/** What was read of a sealed text. */
export interface SealedParts {
  readonly keyId: string
  readonly nonce: Uint8Array
  readonly tag: Uint8Array
  readonly body: Uint8Array
  readonly associated: Uint8Array | undefined
}
