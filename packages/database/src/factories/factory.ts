import type { Faker } from '@faker-js/faker'
import type { CreateInput } from '../columns/attributes.ts'
import { fail } from '../errors.ts'
import { definitionOf } from '../model/definition.ts'
import type { Entity } from '../model/entity.ts'
import type { AnyModel } from '../model/model-source.ts'
import { buildRecords } from './build-records.ts'
import type { FactoryPlan, Override } from './factory-plan.ts'

/** What a factory gives a record; a factory in the place of a foreign key makes the record that it points at. */
export type FactoryInput<M extends AnyModel> = { [K in keyof CreateInput<M['columns']>]: CreateInput<M['columns']>[K] | AnyFactory }

/** Some of the attributes: fixed, or made for each record. */
export type FactoryChange<M extends AnyModel> = Partial<FactoryInput<M>> | ((faker: Faker, sequence: number) => Partial<FactoryInput<M>>)

export interface AnyFactory {
  readonly kind: 'factory'
  readonly plan: FactoryPlan
}

type Amount = 'one' | 'many'
type Made<M extends AnyModel, A extends Amount> = A extends 'many' ? Entity<M>[] : Entity<M>

/** Makes records of one model. Each method but `make` and `create` gives a new factory. */
export interface Factory<M extends AnyModel, States extends string = never, A extends Amount = 'one'> extends AnyFactory {
  /** How many; then `make` and `create` give a list. */
  count(amount: number): Factory<M, States, 'many'>
  /** A named state, or attributes that differ: `state('sold')`, `state({ price: 1 })`. */
  state(change: States | FactoryChange<M>): Factory<M, States, A>
  /** Attributes that change from record to record, in turns. */
  sequence(...changes: FactoryChange<M>[]): Factory<M, States, A>
  /** Points at a record, or at one that the factory makes once for all of these. The relation is named where several lead to its model. */
  for(parent: object, relation?: string): Factory<M, States, A>
  /** Makes others that point at each record, or are linked with it; `has(PhotoFactory.count(3))`. */
  has(children: AnyFactory, relation?: string): Factory<M, States, A>
  /** Records that are used, in turns by chance, wherever one of their models would be made. */
  recycle(...records: readonly (object | readonly object[])[]): Factory<M, States, A>
  /** Done with each record once it is created. */
  afterCreate(work: (record: Entity<M>, faker: Faker) => unknown): Factory<M, States, A>
  /** Without a database: nothing is saved. */
  make(): Promise<Made<M, A>>
  create(): Promise<Made<M, A>>
}

export interface FactoryOptions<M extends AnyModel, States extends string> {
  /** Named changes: `{ sold: { sold: true }, cheap: (faker) => ({ price: faker.number.int(900) }) }`. */
  readonly states?: Readonly<Record<States, FactoryChange<M>>>
}

/**
 * A factory of a model's records, for tests and seeds. The data comes from faker, which is loaded when it is first used, and
 * the sequence counts the records from 1. After `seedFactories(n)` all of it is the same each time.
 *
 * @example
 * export const CarFactory = factory(Car, (faker, sequence) => ({
 *   make: faker.vehicle.manufacturer(),
 *   vin: `VIN${sequence}`,
 *   dealerId: DealerFactory,
 * }), { states: { sold: { sold: true } } })
 *
 * await CarFactory.count(50).state('sold').for(dealer).create()
 */
export function factory<M extends AnyModel, States extends string = never>(
  model: M,
  definition: (faker: Faker, sequence: number) => FactoryInput<M>,
  options: FactoryOptions<M, States> = {},
): Factory<M, States> {
  const plan: FactoryPlan = {
    model,
    definition: definition as FactoryPlan['definition'],
    states: (options.states ?? {}) as FactoryPlan['states'],
    count: undefined,
    changes: [],
    parents: [],
    children: [],
    recycled: [],
    afterCreate: [],
  }
  return createFactory(plan) as unknown as Factory<M, States>
}

function createFactory(plan: FactoryPlan): Factory<AnyModel, string, Amount> {
  const next = (change: Partial<FactoryPlan>) => createFactory({ ...plan, ...change })
  const build = async (mode: 'make' | 'create') => {
    const records = await buildRecords(plan, mode)
    return (plan.count === undefined ? records[0] : records) as never
  }
  return {
    kind: 'factory',
    plan,
    count(amount) {
      if (!Number.isInteger(amount) || amount < 0)
        throw fail('FACTORY_INVALID', { model: modelName(plan), problem: `count is ${amount}, and not a whole number from 0` })
      return next({ count: amount })
    },
    state: (change) => next({ changes: [...plan.changes, { turns: [resolveState(plan, change as string | Override)] }] }),
    sequence: (...changes) => next({ changes: [...plan.changes, { turns: changes as unknown as Override[] }] }),
    for: (parent, relation) => next({ parents: [...plan.parents, { parent, relation }] }),
    has: (children, relation) => next({ children: [...plan.children, { children: children.plan, relation }] }),
    recycle: (...records) => next({ recycled: [...plan.recycled, ...(records.flat() as object[])] }),
    afterCreate: (work) => next({ afterCreate: [...plan.afterCreate, work as FactoryPlan['afterCreate'][number]] }),
    make: () => build('make'),
    create: () => build('create'),
  }
}

function resolveState(plan: FactoryPlan, change: string | Override): Override {
  if (typeof change !== 'string') return change
  const found = plan.states[change]
  if (found !== undefined) return found
  const known = Object.keys(plan.states)
  throw fail('FACTORY_INVALID', { model: modelName(plan), problem: `it has no state '${change}', but ${known.length === 0 ? 'none' : known.join(', ')}` })
}

const modelName = (plan: FactoryPlan) => definitionOf(plan.model).name
