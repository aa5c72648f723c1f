import { migration } from '@glueful/database'

export default migration('20260139000000_price_check', {
  up: (schema) => schema.addCheck('cars', 'price_positive', 'price > 0', { validate: false }),
  down: (schema) => schema.dropConstraint('cars', 'price_positive'),
})
