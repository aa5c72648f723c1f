import { migration } from '@glueful/database'

export default migration('20261126180000_search_cars', {
  safe: 'indexing ten thousand cars takes a second or two',
  up: (schema) => schema.createFullText('cars', { columns: { make: 4, model: 4, color: 2, fuel: 2, gearbox: 2, description: 1 } }),
  down: (schema) => schema.dropFullText('cars'),
})
