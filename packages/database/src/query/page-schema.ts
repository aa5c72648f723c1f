import { z } from 'zod'

/** Query parameters of everything that comes in pages: `query: z.object({ ...paging })`. */
export const paging = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1).describe('Which page, from 1'),
  perPage: z.coerce.number().int().min(1).max(100).default(25).describe('How many on a page'),
}

/** The answer of a route that ends in `paginate`: `response: pageOf(Car.schema.read)`. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    meta: z.object({ page: z.int(), perPage: z.int(), total: z.int(), totalPages: z.int() }),
  })
}
