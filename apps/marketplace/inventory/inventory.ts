import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { service } from 'glueful'
import type { Car, Dealer, NewCar } from './car.ts'

export interface CarSearch {
  readonly make?: string | undefined
  readonly model?: string | undefined
  readonly fuel?: Car['fuel'] | undefined
  readonly gearbox?: Car['gearbox'] | undefined
  readonly minPrice?: number | undefined
  readonly maxPrice?: number | undefined
  readonly minYear?: number | undefined
  readonly maxMileage?: number | undefined
  readonly dealerId?: string | undefined
  readonly sort: CarOrder
}

export const carOrders = ['price', '-price', 'year', '-year', 'mileage', '-mileage'] as const
export type CarOrder = (typeof carOrders)[number]

/** The cars on offer, held in memory: what is added is gone with the process. */
export interface Inventory {
  readonly cars: ReadonlyMap<string, Car>
  readonly dealers: ReadonlyMap<string, Dealer>
  search(search: CarSearch): Car[]
  add(car: NewCar): Car
  update(id: string, changes: Partial<NewCar>): Car | undefined
  remove(id: string): boolean
  addPhoto(id: string, photo: string): void
}

export const Inventory = service<Inventory>('inventory')

interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** Reads the cars and dealers of `data/cars.json`. */
export function createInventory(file = new URL('../data/cars.json', import.meta.url)): Inventory {
  const data = JSON.parse(readFileSync(file, 'utf8')) as { cars: Table; dealers: Table }
  const dealers = new Map(records<Dealer>(data.dealers).map((dealer) => [dealer.id, dealer]))
  const dealerIds = [...dealers.keys()]
  const cars = new Map(
    records<Omit<Car, 'dealerId' | 'photos'> & { dealer: number }>(data.cars).map(({ dealer, ...car }) => [
      car.id,
      { ...car, dealerId: dealerIds[dealer] as string, photos: [] } as Car,
    ]),
  )

  return {
    cars,
    dealers,
    search: (search) => [...cars.values()].filter((car) => matches(car, search)).sort(order(search.sort)),
    add: (car) => {
      const added: Car = { id: randomUUID(), ...car, photos: [] }
      cars.set(added.id, added)
      return added
    },
    update: (id, changes) => {
      const car = cars.get(id)
      if (car === undefined) return undefined
      const updated = { ...car, ...changes }
      cars.set(id, updated)
      return updated
    },
    remove: (id) => cars.delete(id),
    addPhoto: (id, photo) => {
      cars.get(id)?.photos.push(photo)
    },
  }
}

function records<T>({ columns, rows }: Table): T[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])) as T)
}

function matches(car: Car, search: CarSearch): boolean {
  const same = (wanted: string | undefined, found: string) => wanted === undefined || wanted.toLowerCase() === found.toLowerCase()
  return (
    same(search.make, car.make) &&
    same(search.model, car.model) &&
    same(search.fuel, car.fuel) &&
    same(search.gearbox, car.gearbox) &&
    same(search.dealerId, car.dealerId) &&
    car.price >= (search.minPrice ?? 0) &&
    car.price <= (search.maxPrice ?? Infinity) &&
    car.year >= (search.minYear ?? 0) &&
    car.mileage <= (search.maxMileage ?? Infinity)
  )
}

function order(by: CarOrder): (a: Car, b: Car) => number {
  const field = by.replace('-', '') as 'price' | 'year' | 'mileage'
  const direction = by.startsWith('-') ? -1 : 1
  return (a, b) => direction * (a[field] - b[field]) || (a.id < b.id ? -1 : 1)
}
