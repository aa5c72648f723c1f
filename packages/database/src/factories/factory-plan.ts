import type { Faker } from '@faker-js/faker'
import type { AnyModel } from '../model/model-source.ts'

export type Values = Readonly<Record<string, unknown>>
export type Override = Values | ((faker: Faker, sequence: number) => Values)

/** All that a factory was told, as a value. */
export interface FactoryPlan {
  readonly model: AnyModel
  readonly definition: (faker: Faker, sequence: number) => Values
  readonly states: Readonly<Record<string, Override>>
  /** Undefined for one record by itself. */
  readonly count: number | undefined
  /** Applied one after the other; of each, the record's turn. */
  readonly changes: readonly { readonly turns: readonly Override[] }[]
  readonly parents: readonly ParentPlan[]
  readonly children: readonly ChildPlan[]
  readonly recycled: readonly object[]
  readonly afterCreate: readonly ((record: object, faker: Faker) => unknown)[]
}

export interface ParentPlan {
  /** A record, or a factory. */
  readonly parent: object
  readonly relation: string | undefined
}

export interface ChildPlan {
  readonly children: FactoryPlan
  readonly relation: string | undefined
}
