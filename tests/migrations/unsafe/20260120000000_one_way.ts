// expects: irreversible
import { migration, string, uuid } from '@glueful/database'

export default migration('20260120000000_one_way', {
  up: (schema) => schema.createTable('makes', { id: uuid().primary(), name: string(80) }),
})
