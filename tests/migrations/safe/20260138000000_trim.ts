import { migration, string } from '@glueful/database'

export default migration('20260138000000_trim', {
  up: (schema) => schema.addColumn('cars', 'trim', string(40).nullable()),
  down: (schema) => schema.dropColumn('cars', 'trim'),
})
