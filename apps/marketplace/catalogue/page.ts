import { z } from 'zod'

/** Query parameters of everything that comes in pages. */
export const paging = {
  page: z.coerce.number().int().min(1).max(10_000).default(1).describe('Which page, from 1'),
  perPage: z.coerce.number().int().min(1).max(100).default(25).describe('How many on a page'),
}

export const PageMeta = z.object({ page: z.int(), perPage: z.int(), total: z.int(), totalPages: z.int() })

/** The one shape of a page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item),
    meta: PageMeta,
  })
}
