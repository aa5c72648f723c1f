import { event, service } from 'glueful'
import type { CarResource } from './resources.ts'

type Car = ReturnType<typeof CarResource.one>

export const CarAdded = event<Car>('car.added')

/** Cars as they are added, for those who listen; the last ones can be heard again after a lost connection. */
export interface CarFeed {
  publish(car: Car): void
  /** Cars after the one with `lastId` (those still remembered), then new ones until `signal` is aborted. */
  follow(lastId: string | undefined, signal: AbortSignal): AsyncGenerator<Car>
}

export const CarFeed = service<CarFeed>('carFeed')

export function createCarFeed(remembered = 100): CarFeed {
  const recent: Car[] = []
  const followers = new Set<(car: Car) => void>()

  async function* follow(lastId: string | undefined, signal: AbortSignal): AsyncGenerator<Car> {
    const at = lastId === undefined ? -1 : recent.findIndex((car) => car.id === lastId)
    const waiting: Car[] = at === -1 ? [] : recent.slice(at + 1)
    let wake = () => {}
    const onCar = (car: Car) => {
      // A client that reads slower than cars arrive hears the newest.
      if (waiting.length === 1_000) waiting.shift()
      waiting.push(car)
      wake()
    }
    const onAbort = () => wake()
    followers.add(onCar)
    signal.addEventListener('abort', onAbort)
    try {
      while (!signal.aborted) {
        const car = waiting.shift()
        if (car !== undefined) yield car
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      followers.delete(onCar)
      signal.removeEventListener('abort', onAbort)
    }
  }

  return {
    follow,
    publish: (car) => {
      recent.push(car)
      if (recent.length > remembered) recent.shift()
      for (const follower of followers) follower(car)
    },
  }
}
