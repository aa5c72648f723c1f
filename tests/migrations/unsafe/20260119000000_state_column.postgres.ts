// expects: constrained-column
import { enumeration, migration } from '@glueful/database'

export default migration('20260119000000_state_column', {
  up: (schema) => schema.addColumn('cars', 'state', enumeration(['new', 'used']).default('used')),
  down: (schema) => schema.dropColumn('cars', 'state'),
})
