import { integer, migration, sql, text, timestamps, uuid } from '@glueful/database'

export default migration('20260137000000_reviews', {
  up: async (schema) => {
    await schema.createTable(
      'reviews',
      { id: uuid().primary(), car: uuid().references('cars', 'id', { onDelete: 'cascade' }), stars: integer(), body: text().nullable(), ...timestamps() },
      { indexes: [['car', 'stars']], checks: { one_to_five: 'stars between 1 and 5' } },
    )
    await schema.addColumn('reviews', 'helpful', integer())
    await schema.run(sql`update reviews set helpful = 0`)
  },
  down: (schema) => schema.dropTable('reviews'),
})
