import { route } from 'glueful'
import { z } from 'zod'
import { Dealer as DealerBody, toDealer } from '../catalogue/car.ts'
import { pageOf, paging } from '../catalogue/page.ts'
import { Dealer } from '../models/index.ts'

const params = z.object({ id: z.uuid() })
const Member = z.object({ name: z.string(), role: z.enum(['sales', 'service', 'manager']), phone: z.string().nullable() })

export const dealers = {
  list: route.get(
    '/dealers',
    {
      summary: 'Dealers',
      query: z.object({ city: z.string().max(80).optional(), country: z.string().length(2).toUpperCase().optional(), ...paging }),
      strict: 'reject',
      response: pageOf(DealerBody),
    },
    async ({ query: { city, country, page, perPage } }) => {
      const { data, meta } = await Dealer.whereIf('city', city).whereIf('country', country).orderBy('name').paginate({ page, perPage })
      return { data: data.map(toDealer), meta }
    },
  ),

  show: route.get(
    '/dealers/:id',
    { summary: 'One dealer with staff', params, response: DealerBody.extend({ staff: z.array(Member), carsOnOffer: z.int() }) },
    async ({ params }) => {
      const dealer = await Dealer.with('staff').withCount('cars').findOrFail(params.id)
      return { ...toDealer(dealer), staff: dealer.staff.map(({ name, role, phone }) => ({ name, role, phone })), carsOnOffer: dealer.carsCount }
    },
  ),
}
