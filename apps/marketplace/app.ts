import { auth } from '@glueful/auth'
import { database } from '@glueful/database'
import { queue } from '@glueful/queue'
import { WebhookEndpointDisabled, webhooks } from '@glueful/webhooks'
import { createApp, listen, LoggerService, provide } from 'glueful'
import { policies, roles } from './accounts/rules.ts'
import { users } from './accounts/users.ts'
import { CarAdded, CarFeed, createCarFeed } from './catalogue/car-feed.ts'
import { hooks } from './catalogue/hooks.ts'
import * as jobs from './jobs/index.ts'
import * as models from './models/index.ts'
import { createMailer, Mailer } from './orders/mailer.ts'
import { createPayments, Payments } from './orders/payments.ts'
import { routes } from './routes/index.ts'
import { settings } from './settings.ts'

const feed = createCarFeed()

export default createApp({
  name: 'marketplace',
  version: '0.1.0',
  description: 'Cars of dealers all over Europe: search, offer, order, follow.',
  openapi: { title: 'Marketplace', license: { name: 'MIT', identifier: 'MIT' } },
  settings,
  routes,
  extensions: [
    database({
      models,
      migrations: new URL('./migrations', import.meta.url),
      seeders: new URL('./seeders', import.meta.url),
      seedOnStart: true,
      queryCache: true,
    }),
    auth({ users, roles, policies }),
    queue({ jobs, admin: true }),
    webhooks({ events: [hooks] }),
  ],
  services: [
    provide(CarFeed, () => feed),
    provide(Mailer, ({ use }) => createMailer(use(settings).smtpUrl?.reveal(), use(settings).mailFrom, use(LoggerService)), {
      stop: (mailer) => mailer.close(),
    }),
    provide(Payments, createPayments),
  ],
  listeners: [
    listen(CarAdded, (car) => feed.publish(car), { name: 'feed' }),
    listen(WebhookEndpointDisabled, ({ tenant: dealerId, ...endpoint }) => jobs.TellEndpointDisabled.dispatch({ dealerId, ...endpoint }), {
      name: 'endpoint-disabled',
    }),
  ],
  defaults: {
    rateLimit: [
      { attempts: 300, per: '1m' },
      { tier: 'pro', attempts: 3_000, per: '1m' },
      { tier: 'enterprise', attempts: 'unlimited' },
    ],
  },
})
