import { integer, Model } from '@glueful/database'

/** Two tables of which one loses rows with the other's. */
export class Family extends Model('families', { id: integer().primary() }) {}

export class Member extends Model('members', {
  id: integer().primary(),
  family_id: integer().references('families', 'id', { onDelete: 'cascade' }),
}) {}
