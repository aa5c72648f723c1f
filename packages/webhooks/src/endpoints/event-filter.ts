import { fail } from '../errors.ts'

const name = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i
const mostFilters = 50

/** @throws `WEBHOOK_EVENT_INVALID` */
export function requireEventName(event: string): void {
  if (event.length > 120 || !name.test(event))
    throw fail('WEBHOOK_EVENT_INVALID', { found: event.slice(0, 120), expected: 'the name of an event: car.created' })
}

/** @throws `WEBHOOK_EVENT_INVALID` */
export function requireFilters(filters: readonly string[]): void {
  if (filters.length === 0 || filters.length > mostFilters)
    throw fail('WEBHOOK_EVENT_INVALID', { found: `${filters.length} filters`, expected: `1 to ${mostFilters} filters` })
  for (const filter of filters) {
    const stem = filter.endsWith('.*') ? filter.slice(0, -2) : filter
    if (filter !== '*' && (filter.length > 120 || !name.test(stem)))
      throw fail('WEBHOOK_EVENT_INVALID', { found: filter.slice(0, 120), expected: 'a filter: car.created, car.* or *' })
  }
}

/** `*` is every event, `car.*` all whose name begins with `car.`, anything else the event of that name. */
export function matchesEvent(filters: readonly string[], event: string): boolean {
  return filters.some((filter) => filter === '*' || filter === event || (filter.endsWith('.*') && event.startsWith(filter.slice(0, -1))))
}
