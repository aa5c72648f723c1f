import { createApp, defineSettings, env, route } from 'glueful'

/** Small enough to start often: what is tested with it is the cluster. */
export default createApp({
  name: 'cluster',
  settings: defineSettings({ currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }) }),
  routes: { cars: { list: route.get('/cars', () => ({ data: Array.from({ length: 20 }, (_, id) => ({ id, make: 'Volvo' })) })) } },
})
