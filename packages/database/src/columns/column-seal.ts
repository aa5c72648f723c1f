import { createSealing, GluefulError, type Seal, type Sealing } from 'glueful'
import { fail } from '../errors.ts'
import { columnPurpose } from '../sealing/sealed-columns.ts'

/** The seal of encrypted columns. Values keep no place: a column may be renamed, and a row may move. */
export function columnSeal(sealing: Sealing): Seal {
  return sealing.for(columnPurpose)
}

/** Opens and seals nothing. */
export const noSeal: Seal = columnSeal(createSealing({ appKey: undefined, appPreviousKeys: undefined }, 'production'))

/** @throws `DECRYPTION_FAILED` with the column's name */
export function openColumn(sealed: string, column: string, seal: Seal): string {
  try {
    return seal.open(sealed)
  } catch (cause) {
    throw fail('DECRYPTION_FAILED', { column, reason: cause instanceof GluefulError ? cause.detail : 'it was changed' }, { cause })
  }
}
