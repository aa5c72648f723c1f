import { systemClock, type Clock, type Seal } from 'glueful'
import { noSeal } from '../columns/column-seal.ts'
import type { QueryCache } from '../query-cache/query-cache.ts'
import { currentDatabases, type Databases } from '../connection/databases.ts'

/** A relation that was touched without having been loaded, and loaded for the whole result then. */
export interface LazyLoad {
  readonly model: string
  readonly relation: string
  /** Records of the result. */
  readonly records: number
  /** File, line and column of the application that touched it. */
  readonly at: string
}

/** What models take from the application that they run in. */
export interface Surroundings {
  readonly clock: Clock
  /** Of encrypted columns. */
  readonly seal: Seal
  /** Where results of queries are kept that say so. */
  readonly queryCache?: QueryCache | undefined
  /** Told of relations that were not loaded in time, once a place in the program; nothing is paid where nobody is. */
  readonly onLazyLoad?: ((load: LazyLoad) => void) | undefined
}

const usual: Surroundings = { clock: systemClock, seal: noSeal }
const known = new WeakMap<Databases['default'], Surroundings>()

/** Says what surrounds the models that find these databases. */
export function setSurroundings({ default: database }: Databases, surroundings: Partial<Surroundings>): void {
  known.set(database, { ...usual, ...surroundings })
}

export function currentSurroundings(): Surroundings {
  return known.get(currentDatabases().default) ?? usual
}

export function currentSeal(): Seal {
  return currentSurroundings().seal
}
