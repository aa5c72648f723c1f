import { PasswordPolicy, Passwords } from '@glueful/auth'
import { transaction } from '@glueful/database'
import { created, route } from 'glueful'
import { z } from 'zod'
import { Customer, User } from '../models/index.ts'

const NewAccount = z
  .object({
    name: z.string().trim().min(1).max(120),
    email: z.email().max(254).toLowerCase(),
    password: z.string().max(1_000),
    city: z.string().trim().min(1).max(80).nullable().default(null),
    country: z.string().length(2).toUpperCase().describe('ISO 3166-1 alpha-2'),
  })
  .meta({ id: 'NewAccount', examples: [{ name: 'Grace Field', email: 'grace@example.com', password: 'a horse, a battery and a staple', country: 'GB' }] })

const Account = z.object({ id: z.uuid(), name: z.string(), email: z.string(), role: z.string(), customerId: z.uuid() }).meta({ id: 'Account' })

export const accounts = {
  create: route.post(
    '/accounts',
    {
      summary: 'Sign up as a buyer; an e-mail address can be used once',
      auth: false,
      body: NewAccount,
      strict: 'reject',
      response: Account,
      rateLimit: { attempts: 20, per: '1h', by: 'ip' },
      acceptRisks: { NO_AUTHENTICATION: 'anybody may sign up', WRITE_WITHOUT_IDEMPOTENCY: 'an address can be used once' },
    },
    async ({ body: { password, ...person }, use }) => {
      await use(PasswordPolicy).check(password, [person.email, person.name])
      const passwordHash = await use(Passwords).hash(password)
      const user = await transaction(async () => {
        const customer = await Customer.create(person)
        return User.create({ name: person.name, email: person.email, passwordHash, customerId: customer.id })
      })
      return created({ id: user.id, name: user.name, email: user.email, role: user.role, customerId: user.customerId as string }, '/auth/me')
    },
  ),
}
