import { database } from '@glueful/database'
import { createApp, listen, provide } from 'glueful'
import { CarAdded, CarFeed, createCarFeed } from './catalogue/car-feed.ts'
import * as models from './models/index.ts'
import { routes } from './routes/index.ts'
import { settings } from './settings.ts'

const feed = createCarFeed()

export default createApp({
  name: 'marketplace',
  version: '0.1.0',
  description: 'Cars of dealers all over Europe: search, offer, order, follow.',
  settings,
  routes,
  extensions: [database({ models, migrations: new URL('./migrations', import.meta.url) })],
  services: [provide(CarFeed, () => feed)],
  listeners: [listen(CarAdded, (car) => feed.publish(car), { name: 'feed' })],
})
