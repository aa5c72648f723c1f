import { factory } from '@glueful/database'
import { Dealer } from '../models/dealer.ts'

const cities = [
  ['Hamburg', 'DE'],
  ['München', 'DE'],
  ['Wien', 'AT'],
  ['Zürich', 'CH'],
  ['Lyon', 'FR'],
  ['Utrecht', 'NL'],
  ['Antwerpen', 'BE'],
  ['Aarhus', 'DK'],
  ['Göteborg', 'SE'],
  ['Kraków', 'PL'],
  ['Brno', 'CZ'],
  ['Porto', 'PT'],
] as const
const first = ['Autohaus', 'Automobile', 'Garage', 'Motors', 'Cars']
const second = ['Nordlicht', 'Hansa', 'Rheinblick', 'Alpenland', 'Stadtpark', 'Westhafen', 'Seeblick', 'Linden', 'Kanal', 'Grünau']

export const DealerFactory = factory(Dealer, (faker, sequence) => {
  const [city, country] = cities[(sequence - 1) % cities.length] as (typeof cities)[number]
  return { name: `${faker.helpers.arrayElement(first)} ${faker.helpers.arrayElement(second)}`, city, country }
})
