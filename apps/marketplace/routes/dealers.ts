import { listQuery } from '@glueful/database'
import { route } from 'glueful'
import { z } from 'zod'
import { DealerResource } from '../catalogue/resources.ts'
import { Dealer } from '../models/index.ts'

const DealerQuery = listQuery(Dealer, {
  filter: { city: true, country: ['eq', 'in'], rating: ['gte', 'lte', 'between'] },
  sort: ['name', 'rating'],
  defaultSort: 'name',
  search: ['name', 'city'],
})

export const dealers = {
  list: route.get('/dealers', { summary: 'Dealers', query: DealerQuery, strict: 'reject', response: DealerResource.page }, ({ query }) =>
    DealerResource.paginate(query.apply(Dealer.query()), query),
  ),

  show: route.get(
    '/dealers/:id',
    { summary: 'One dealer with staff', params: z.object({ id: z.uuid() }), response: DealerResource.schema },
    async ({ params }) => DealerResource.one(await Dealer.with('staff').withCount('cars').findOrFail(params.id)),
  ),
}
