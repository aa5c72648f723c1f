import { afterCommit } from '../transaction/transaction.ts'
import type { ModelDefinition } from './definition.ts'
import type { ModelEvent } from './observer.ts'

/** Calls a model's listeners for a moment, one after the other; nothing is paid where there are none. */
export function fireEvent(definition: ModelDefinition, event: ModelEvent, record: object): Promise<void> | undefined {
  return definition.observers.length === 0 ? undefined : callObservers(definition, event, record)
}

async function callObservers(definition: ModelDefinition, event: ModelEvent, record: object): Promise<void> {
  for (const { listeners, afterCommit: late } of definition.observers) {
    const listener = listeners[event] as ((record: object) => unknown) | undefined
    if (listener === undefined) continue
    if (late) afterCommit(async () => void (await listener(record)))
    else await listener(record)
  }
}
