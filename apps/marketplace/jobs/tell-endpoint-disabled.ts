import { job, skip } from '@glueful/queue'
import { z } from 'zod'
import { User } from '../models/index.ts'
import { Mailer } from '../orders/mailer.ts'

const because = { gone: 'it answered 410', failing: 'it failed for days', manual: 'somebody disabled it' } as const

/** Tells a dealer that a system of theirs hears of nothing any more. */
export const TellEndpointDisabled = job(
  'webhooks.tell-disabled',
  {
    payload: z.object({ endpointId: z.string(), dealerId: z.string(), url: z.string(), reason: z.enum(['gone', 'failing', 'manual']) }),
    queue: 'emails',
    tries: 8,
    timeout: '30s',
  },
  async ({ payload: { endpointId, dealerId, url, reason }, use }) => {
    const staff = await User.where('dealerId', dealerId).where('active', true).orderBy('email').limit(20).get()
    if (staff.length === 0) return skip()
    await use(Mailer).send({
      to: staff.map(({ email }) => email).join(', '),
      subject: 'Your system is not told of cars any more',
      text: `Hello,\n\n${new URL(url).host} gets no more webhooks, because ${because[reason]}. Once it works, enable ${endpointId} again and replay what it missed.\n`,
    })
  },
)
