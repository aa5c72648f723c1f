import { migration } from '@glueful/database'

export default migration('20260140000000_reasoned', {
  safe: 'dealers has 40 rows, and is written by hand on Mondays',
  up: (schema) => schema.createIndex('dealers', ['city']),
  down: (schema) => schema.dropIndex('dealers', ['city']),
})
