import { route } from 'glueful'
import { z } from 'zod'
import { carFilters, carOrders, searchCars } from '../catalogue/car-search.ts'
import { PageMeta, paging } from '../catalogue/page.ts'
import { CarResource } from '../catalogue/resources.ts'

const Facet = z.array(z.object({ value: z.string(), cars: z.int() }))
const facets = ['make', 'fuel', 'gearbox'] as const

export const carDetails = {
  search: route.get(
    '/car-details/search',
    {
      tags: ['cars'],
      summary: 'Search cars with their dealers, and how many there are of each kind',
      description: 'Each facet counts the cars that match all filters but its own.',
      query: z.object({ ...carFilters, sort: z.enum(carOrders).optional().describe('By default by price, or with q the most relevant first'), ...paging }),
      strict: 'reject',
      response: z.object({ data: z.array(CarResource.schema), meta: PageMeta, facets: z.object({ make: Facet, fuel: Facet, gearbox: Facet }) }),
      cache: { ttl: '10s', tags: ['cars'], staleWhileRevalidate: '1m', by: 'public' },
    },
    async ({ query: { sort, page, perPage, ...filters } }) => {
      const found = await searchCars(filters, sort ?? (filters.q === undefined ? 'price' : undefined))
        .with('dealer', 'photos')
        .paginate({ page, perPage })
      const counts = await Promise.all(facets.map((facet) => countBy(facet, filters)))
      return {
        data: CarResource.many(found.data),
        meta: found.meta,
        facets: Object.fromEntries(facets.map((facet, index) => [facet, counts[index]])) as Record<(typeof facets)[number], z.infer<typeof Facet>>,
      }
    },
  ),
}

/** The values of a column among the cars that match, whatever is asked of it itself, so that others can be chosen; the most frequent first. */
async function countBy(column: (typeof facets)[number], filters: Parameters<typeof searchCars>[0]) {
  const groups = await searchCars({ ...filters, [column]: undefined })
    .cache({ ttl: '1m', key: 'facets' })
    .groupBy(column)
    .aggregate({ cars: 'count' })
  return groups.map((group) => ({ value: group[column], cars: group.cars })).sort((a, b) => b.cars - a.cars || (a.value < b.value ? -1 : 1))
}
