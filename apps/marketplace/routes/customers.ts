import { created, route } from 'glueful'
import { z } from 'zod'
import { Customer } from '../models/index.ts'

const NewCustomer = z
  .object({
    name: z.string().trim().min(1).max(120),
    email: z.email().max(254).toLowerCase(),
    city: z.string().trim().min(1).max(80).nullable().default(null),
    country: z.string().length(2).toUpperCase().describe('ISO 3166-1 alpha-2'),
  })
  .meta({ id: 'NewCustomer' })

const CustomerBody = z.object({ id: z.uuid(), name: z.string(), email: z.string(), city: z.string().nullable(), country: z.string() }).meta({ id: 'Customer' })

export const customers = {
  create: route.post(
    '/customers',
    { summary: 'Become a customer; an e-mail address can be used once', body: NewCustomer, strict: 'reject', response: CustomerBody },
    async ({ body }) => {
      const { id, name, email, city, country } = await Customer.create(body)
      return created({ id, name, email, city, country }, `/customers/${id}`)
    },
  ),
}
