// expects: drop-table-in-use
import { migration, string, uuid } from '@glueful/database'

export default migration('20260118000000_without_dealers', {
  up: (schema) => schema.dropTable('dealers'),
  down: (schema) => schema.createTable('dealers', { id: uuid().primary(), name: string(80), city: string(80).nullable() }),
})
