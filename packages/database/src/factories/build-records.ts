import type { Faker } from '@faker-js/faker'
import { definitionOf, type ModelDefinition } from '../model/definition.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { ModelRecord } from '../model/record-state.ts'
import { uuidV7 } from '../model/uuid-v7.ts'
import { keep } from '../relations/keep.ts'
import type { FactoryPlan, Override, Values } from './factory-plan.ts'
import { loadFaker, randomness, recordSeed, seededUuid } from './factory-randomness.ts'
import { pointAt, pointingAt, relationTo } from './related-by.ts'

type Mode = 'make' | 'create'

/** Statements of this many records are used for large counts. */
const chunk = 500

interface Creatable extends AnyModel {
  createMany(inputs: readonly Values[]): Promise<ModelRecord[]>
}

/** Makes the records of a plan, or creates them, with what they point at and what points at them. */
export async function buildRecords(plan: FactoryPlan, mode: Mode): Promise<ModelRecord[]> {
  const definition = definitionOf(plan.model)
  const faker = await fakerFor(plan)
  const shared = await sharedParents(plan, definition, mode)
  const inputs: { readonly values: Values; readonly sequence: number }[] = []
  for (let turn = 0; turn < (plan.count ?? 1); turn++) {
    const sequence = randomness().next(definition.table)
    reseed(faker, definition.table, sequence)
    const described = describe(plan, faker, sequence, turn)
    inputs.push({ values: await resolve({ ...keyOf(definition, sequence, mode), ...described, ...shared.values }, plan, mode, sequence), sequence })
  }
  const records: ModelRecord[] = []
  for (let at = 0; at < inputs.length; at += chunk)
    records.push(
      ...(await save(
        plan.model,
        inputs.slice(at, at + chunk).map(({ values }) => values),
        mode,
      )),
    )
  for (const [index, record] of records.entries()) {
    for (const [name, parent] of mode === 'make' ? shared.records : []) keep(record, name, parent)
    await addChildren(plan, definition, record, mode)
    if (mode === 'make') continue
    for (const work of plan.afterCreate) {
      reseed(faker, `${definition.table} after`, inputs[index]?.sequence ?? 0)
      await work(record, faker)
    }
  }
  return records
}

/** A definition without parameters asks for no data, so that the library need not be loaded. */
async function fakerFor(plan: FactoryPlan): Promise<Faker> {
  const asks = [plan.definition, ...plan.afterCreate.map((work) => (work.length > 1 ? work : undefined)), ...plan.changes.flatMap(({ turns }) => turns)]
  return asks.some((one) => typeof one === 'function' && one.length > 0) ? loadFaker() : (undefined as unknown as Faker)
}

function reseed(faker: Faker | undefined, table: string, sequence: number): void {
  faker?.seed(recordSeed(table, sequence))
}

function describe(plan: FactoryPlan, faker: Faker, sequence: number, turn: number): Values {
  const made = (change: Override): Values => (typeof change === 'function' ? change(faker, sequence) : change)
  const changes = plan.changes.flatMap(({ turns }) => {
    const change = turns[turn % turns.length]
    return change === undefined ? [] : [made(change)]
  })
  return Object.assign({}, plan.definition(faker, sequence), ...changes) as Values
}

/** What is only made has a key as well, so that others can point at it. */
function keyOf(definition: ModelDefinition, sequence: number, mode: Mode): Values {
  if (!definition.hasKey || definition.key.facts.generated !== 'uuid') return {}
  const uuid = seededUuid(definition.table, sequence) ?? (mode === 'make' ? uuidV7(Date.now()) : undefined)
  return uuid === undefined ? {} : { [definition.key.name]: uuid }
}

/** The parents of `for`, made once for all records. */
async function sharedParents(plan: FactoryPlan, definition: ModelDefinition, mode: Mode): Promise<{ values: Values; records: [string, ModelRecord][] }> {
  const found: { values: Values; name: string; record: ModelRecord }[] = []
  for (const { parent, relation } of plan.parents) {
    const record = isFactory(parent) ? await makeOne(parent.plan, plan, mode) : (parent as ModelRecord)
    const target = definitionOf(record.constructor as unknown as AnyModel)
    const bound = relationTo(definition, target, relation, 'parent')
    found.push({ values: pointAt(bound, record as unknown as Values, target), name: bound.name, record })
  }
  return { values: Object.assign({}, ...found.map(({ values }) => values)) as Values, records: found.map(({ name, record }) => [name, record]) }
}

/** Factories in the place of keys make what they point at, or take what is recycled. */
async function resolve(values: Values, plan: FactoryPlan, mode: Mode, sequence: number): Promise<Values> {
  const resolved: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    if (!isFactory(value)) {
      resolved[name] = value
      continue
    }
    const target = definitionOf(value.plan.model)
    const candidates = plan.recycled.filter((record) => record.constructor === value.plan.model) as ModelRecord[]
    const chosen = candidates[recordSeed(`${target.table} for ${name}`, sequence) % Math.max(1, candidates.length)]
    const record = chosen ?? (await makeOne(value.plan, plan, mode))
    resolved[name] = record[target.key.name]
  }
  return resolved
}

/** What is recycled for the children of a plan is recycled for what they need in turn. */
async function makeOne(plan: FactoryPlan, within: FactoryPlan, mode: Mode): Promise<ModelRecord> {
  const [record] = await buildRecords({ ...plan, count: 1, recycled: [...plan.recycled, ...within.recycled] }, mode)
  return record as ModelRecord
}

async function save(model: AnyModel, inputs: readonly Values[], mode: Mode): Promise<ModelRecord[]> {
  if (mode === 'create') return (model as Creatable).createMany(inputs)
  const Model = model as unknown as new (input: Values) => ModelRecord
  return inputs.map((input) => new Model(input))
}

async function addChildren(plan: FactoryPlan, definition: ModelDefinition, record: ModelRecord, mode: Mode): Promise<void> {
  for (const { children, relation } of plan.children) {
    const bound = relationTo(definition, definitionOf(children.model), relation, 'children')
    const recycled = [...children.recycled, ...plan.recycled, record]
    const own = pointingAt(bound, record as unknown as Values, { ...children, recycled })
    const made = await buildRecords(own ?? { ...children, recycled }, mode)
    if (mode === 'make') keep(record, bound.name, bound.many ? made : (made[0] ?? null))
    else if (own === undefined) await link(record, bound.name, made)
  }
}

async function link(record: ModelRecord, relation: string, others: readonly ModelRecord[]): Promise<void> {
  const keys = others.map((other) => other[definitionOf(other.constructor as unknown as AnyModel).key.name])
  const { related } = record as unknown as { related(name: string): { attach(keys: readonly unknown[]): Promise<number> } }
  await related.call(record, relation).attach(keys)
}

function isFactory(value: unknown): value is { readonly plan: FactoryPlan } {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'factory'
}
