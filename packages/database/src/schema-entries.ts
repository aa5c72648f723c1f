/** What the schema builder refuses. */
export const schemaEntries = {
  SCHEMA_VALUE_INVALID: {
    status: 500,
    title: 'Invalid value in a schema',
    detail: (p: { found: string }) => `${p.found} cannot be written into a definition.`,
    fix: 'Give text without NUL, a finite number, a boolean, a date or bytes.',
  },
  SCHEMA_CHANGE_UNSUPPORTED: {
    status: 500,
    title: 'Change is not possible on this database',
    detail: (p: { dialect: string; change: string; instead: string }) => `${p.dialect} cannot do this: ${p.change}. Instead: ${p.instead}.`,
    fix: 'Nothing was changed by this step.',
  },
  SCHEMA_ALTERATION_UNCLEAR: {
    status: 500,
    title: 'Unclear alteration',
    detail: (p: { column: string; said: readonly string[] }) => `The type given to alter ${p.column} also says ${p.said.join(', ')}, which would be lost.`,
    fix: 'Give only the type there: { type: bigint(), nullable: true, default: 0 }; indexes, unique and foreign keys have methods of their own.',
  },
  SCHEMA_OBJECT_MISSING: {
    status: 500,
    title: 'Not in the schema',
    detail: (p: { object: string; found: string }) => `The ${p.object} is to be changed, but was not found: ${p.found}.`,
    fix: 'Correct the name, or the order of the migrations.',
  },
  SCHEMA_REBUILD_REFUSED: {
    status: 500,
    title: 'Table cannot be written anew here',
    detail: (p: { table: string; referring: readonly string[] }) =>
      `SQLite makes this change by writing the table ${p.table} anew, and with foreign keys enforced that would delete what refers to it from ${p.referring.join(', ')}.`,
    fix: 'Make the change in a migration whose calls do not depend on what it reads, so that enforcement can be suspended beforehand.',
  },
}
