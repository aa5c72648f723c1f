import { created, route } from 'glueful'
import { transaction } from '@glueful/database'
import { z } from 'zod'
import { pageOf, paging } from '../catalogue/page.ts'
import { requireCustomer } from '../accounts/require-customer.ts'
import { Dealer, Review } from '../models/index.ts'

const params = z.object({ id: z.uuid() })
const NewReview = z
  .object({ stars: z.int().min(1).max(5), text: z.string().trim().max(2_000).default('') })
  .meta({ id: 'NewReview', examples: [{ stars: 5, text: 'I would come again.' }] })
const ReviewBody = z.object({ id: z.uuid(), stars: z.int(), text: z.string(), by: z.string(), at: z.iso.datetime() }).meta({ id: 'Review' })

export const reviews = {
  list: route.get(
    '/dealers/:id/reviews',
    { summary: 'What customers say of a dealer', params, query: z.object(paging), strict: 'reject', response: pageOf(ReviewBody) },
    async ({ params, query }) => {
      await Dealer.findOrFail(params.id)
      const { data, meta } = await Review.where('dealerId', params.id).with('customer').latest().paginate(query)
      return { data: data.map((review) => present(review, review.customer.name)), meta }
    },
  ),

  create: route.post(
    '/dealers/:id/reviews',
    {
      auth: ['session', 'jwt'],
      can: 'reviews.create',
      idempotency: 'optional',
      summary: 'Review a dealer',
      params,
      body: NewReview,
      strict: 'reject',
      response: ReviewBody,
    },
    async ({ params, body, user }) => {
      const customer = await requireCustomer(user.id)
      const review = await transaction(async () => {
        // Locked, so that of two reviews at once neither is left out of the rating.
        const dealer = await Dealer.query().forUpdate().findOrFail(params.id)
        const made = await Review.create({ ...body, dealerId: dealer.id, customerId: customer.id })
        const rating = (await Review.where('dealerId', dealer.id).avg('stars')) ?? 0
        await dealer.update({ rating: Math.round(rating * 10) / 10 })
        return made
      })
      return created(present(review, customer.name), `/dealers/${params.id}/reviews`)
    },
  ),
}

function present({ id, stars, text, createdAt }: { id: string; stars: number; text: string; createdAt: Date }, by: string) {
  return { id, stars, text, by, at: createdAt.toISOString() }
}
