import { z } from 'zod'

/** What every subject serves, so that they differ in nothing else. */
export const scenario = process.argv[2] as 'static' | 'parameter' | 'validated' | 'production'

/** 200 routes around the one that is asked. */
export const fillers = Array.from({ length: 199 }, (_, index) => `/section-${index % 20}/items-${index}`)

export const postOf = (userId: string, postId: string) => ({ userId, postId, title: 'A post about cars', likes: 42, tags: ['cars', 'news'] })

export const Car = z.object({
  make: z.string().min(1).max(40),
  model: z.string().min(1).max(60),
  year: z.int().min(1950).max(2030),
  price: z.int().min(1),
  mileage: z.int().min(0),
  fuel: z.enum(['petrol', 'diesel', 'hybrid', 'electric']),
  description: z.string().max(500),
  dealer: z.object({ name: z.string(), city: z.string() }),
})

export const secret = 'a-secret-of-the-benchmark-with-32-bytes!'
export const allowedOrigin = 'https://shop.example.com'
/** Never reached: the limit's work is measured, not its refusals. */
export const limit = 1_000_000_000

/** `token`: what callers have to show, where the server makes it itself. */
export function announce(port: number, token = ''): void {
  process.stdout.write(`listening ${port} ${token}\n`)
}
