import { createHash, randomInt } from 'node:crypto'
import type { Faker } from '@faker-js/faker'

/** One source of made-up data: what it makes depends on the seed, the table and the number of the record alone. */
export interface Randomness {
  readonly seed: number | string
  /** Counts the records of each table, from 1. */
  next(table: string): number
}

let current: Randomness = createRandomness(randomInt(2 ** 31))
let isSeeded = false

function createRandomness(seed: number | string): Randomness {
  const counts = new Map<string, number>()
  return {
    seed,
    next(table) {
      const count = (counts.get(table) ?? 0) + 1
      counts.set(table, count)
      return count
    },
  }
}

/**
 * Makes factories deterministic from here on: the same seed gives the same records, keys that factories make included, and
 * sequences start at 1 again. Without it each process has a seed of its own.
 *
 * @example
 * beforeEach(() => seedFactories(42))
 */
export function seedFactories(seed: number): void {
  current = createRandomness(seed)
  isSeeded = true
}

/** Factories are seeded while `work` runs, and go on as before afterwards. */
export async function withFactorySeed<T>(seed: string, work: () => Promise<T>): Promise<T> {
  const before = { current, isSeeded }
  ;[current, isSeeded] = [createRandomness(seed), true]
  try {
    return await work()
  } finally {
    ;({ current, isSeeded } = before)
  }
}

export function randomness(): Randomness {
  return current
}

/** A number for one record: close seeds and sequences have nothing in common. */
export function recordSeed(table: string, sequence: number): number {
  return digest(table, sequence).readUInt32BE(0)
}

// Keys sort by their sequence: the time of version 7 (RFC 9562, 5.7) counts up from a day of no meaning.
const firstMs = Date.UTC(2026, 0, 1)

/** The key of a record where factories are seeded; undefined where the model makes one. */
export function seededUuid(table: string, sequence: number): string | undefined {
  if (!isSeeded) return undefined
  const bytes = digest(`${table}.id`, sequence).subarray(0, 16)
  bytes.writeUIntBE(firstMs + sequence, 0, 6)
  bytes[6] = 0x70 | ((bytes[6] as number) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

function digest(table: string, sequence: number): Buffer {
  return createHash('sha256').update(`${current.seed} ${table} ${sequence}`).digest()
}

let loading: Promise<Faker> | undefined

/** Loads the library on first use: it is large. */
export function loadFaker(): Promise<Faker> {
  return (loading ??= import('@faker-js/faker/locale/en').then(({ faker }) => {
    // `faker.date` counts from now otherwise.
    faker.setDefaultRefDate(new Date(firstMs))
    return faker
  }))
}
