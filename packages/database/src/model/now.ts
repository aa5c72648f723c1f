import { currentSurroundings } from './surroundings.ts'

/** The moment by the application's clock. */
export function now(): Date {
  return new Date(currentSurroundings().clock.now())
}
