import { createApp, listen, provide } from 'glueful'
import { CarAdded, CarFeed, createCarFeed } from './inventory/car-feed.ts'
import { Inventory, createInventory } from './inventory/inventory.ts'
import { routes } from './routes/index.ts'
import { settings } from './settings.ts'

const feed = createCarFeed()

export default createApp({
  name: 'marketplace',
  version: '0.1.0',
  description: 'Cars of dealers all over Europe: search, offer, follow.',
  settings,
  routes,
  services: [provide(Inventory, () => createInventory()), provide(CarFeed, () => feed)],
  listeners: [listen(CarAdded, (car) => feed.publish(car), { name: 'feed' })],
})
