import { NotFound, route } from 'glueful'
import { z } from 'zod'
import { Dealer } from '../inventory/car.ts'
import { Inventory } from '../inventory/inventory.ts'
import { pageOf, paginate, paging } from '../inventory/page.ts'

export const dealers = {
  list: route.get(
    '/dealers',
    {
      summary: 'Dealers',
      query: z.object({ city: z.string().optional(), country: z.string().length(2).optional(), ...paging }),
      strict: 'reject',
      response: pageOf(Dealer),
    },
    ({ query, use }) => {
      const found = [...use(Inventory).dealers.values()].filter(
        (dealer) => (query.city === undefined || dealer.city === query.city) && (query.country === undefined || dealer.country === query.country.toUpperCase()),
      )
      return paginate(found, query)
    },
  ),

  show: route.get('/dealers/:id', { summary: 'One dealer', params: z.object({ id: z.uuid() }), response: Dealer }, ({ params, use }) => {
    const dealer = use(Inventory).dealers.get(params.id)
    if (dealer === undefined) throw new NotFound(`There is no dealer ${params.id}.`, { code: 'DEALER_NOT_FOUND' })
    return dealer
  }),
}
