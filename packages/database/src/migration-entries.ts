/** What keeps migrations and seeds from running. */
export const migrationEntries = {
  MIGRATION_NAME_INVALID: {
    status: 500,
    title: 'Invalid name of a migration',
    detail: (p: { name: string }) =>
      `${JSON.stringify(p.name)} is not the name of a migration; expected fourteen digits of time and words, such as 20261126100000_add_price_to_cars.`,
    fix: 'Rename it, or make one with glueful make migration NAME.',
  },
  MIGRATION_INVALID: {
    status: 500,
    title: 'Invalid migration',
    detail: (p: { name: string; problem: string }) => `The migration ${p.name} cannot be used: ${p.problem}.`,
    fix: 'Correct the file.',
  },
  MIGRATION_TWICE: {
    status: 500,
    title: 'Two migrations of one name',
    detail: (p: { name: string; first: string; second: string }) => `The migration ${p.name} comes from ${p.first} and from ${p.second}.`,
    fix: 'Give one of them another name.',
  },
  MIGRATIONS_FOLDER_MISSING: {
    status: 500,
    title: 'No folder of migrations',
    detail: (p: { folder: string }) => `The folder ${p.folder} cannot be read.`,
    fix: 'Correct database({ migrations }), or make the first migration with glueful make migration NAME.',
  },
  MIGRATION_CHANGED: {
    status: 500,
    title: 'Applied migration was changed',
    detail: (p: { changed: readonly { readonly name: string; readonly applied: string; readonly found: string }[] }) =>
      p.changed.map(({ name, applied, found }) => `${name} was changed after it was applied: its checksum was ${applied} and is ${found} now.`).join(' '),
    fix: 'Restore the file as it was, and put the change into a new migration; where the data may be lost, glueful migrate fresh begins anew. Nothing was run.',
  },
  MIGRATION_FAILED: {
    status: 500,
    title: 'Migration failed',
    detail: (p: { name: string; direction: 'up' | 'down'; reason: string; statement: string | undefined; state: string }) =>
      `The migration ${p.name} failed on its way ${p.direction}: ${p.reason}${/[.!?]$/.test(p.reason) ? '' : '.'}` +
      (p.statement === undefined || p.reason.includes(p.statement) ? '' : ` The statement was: ${p.statement}.`) +
      ` ${p.state}`,
    fix: 'Correct the migration and run it again.',
  },
  MIGRATION_IRREVERSIBLE: {
    status: 500,
    title: 'Migration cannot be rolled back',
    detail: (p: { name: string }) => `The migration ${p.name} has no down.`,
    fix: 'Undo it with a new migration, or restore a backup. Nothing was rolled back.',
  },
  MIGRATION_UNKNOWN: {
    status: 500,
    title: 'Applied migration is not there',
    detail: (p: { names: readonly string[] }) => `Applied to the database, but not part of this application: ${p.names.join(', ')}.`,
    fix: 'Run the release that they belong to, or bring their files back. Nothing was rolled back.',
  },
  MIGRATION_LOCKED: {
    status: 500,
    title: 'Migrations are running elsewhere',
    detail: (p: { waitedMs: number }) => `Another process has been migrating this database for longer than ${p.waitedMs} ms.`,
    fix: 'Wait for it. A process that has ended leaves no lock behind.',
  },
  MIGRATION_LOCK_LOST: {
    status: 500,
    title: 'Lock of the migrations was lost',
    detail: () => 'The connection that held the lock of the migrations does not hold it any more.',
    fix: 'Run glueful migrate again; what had been applied stays applied.',
  },
  MIGRATION_BREAKS_REFERENCES: {
    status: 500,
    title: 'Migration breaks foreign keys',
    detail: (p: { count: number; table: string; row: string; parent: string }) =>
      `${p.count} rows would refer to what is not there; the first is row ${p.row} of ${p.table}, which refers to ${p.parent}.`,
    fix: 'Correct the data first, in the same migration or in one before it.',
  },
  MIGRATION_UNSAFE: {
    status: 500,
    title: 'Unsafe migration',
    detail: (p: { report: string }) => `Production would suffer from what is to be migrated:\n${p.report}\n`,
    fix: 'Follow the recipe, or say in the migration why it is safe here (safe: "reason", or -- safe: reason). Nothing was run.',
  },
  COMMAND_REFUSED: {
    status: 500,
    title: 'Refused in production',
    detail: (p: { command: string; danger: string }) => `glueful ${p.command} ${p.danger}; this is production.`,
    fix: 'Say --force if that is what you want.',
  },
  COMMAND_ARGUMENT_INVALID: {
    status: 500,
    title: 'Invalid argument',
    detail: (p: { what: string; found: string; expected: string }) => `${p.what} is ${JSON.stringify(p.found)}; expected ${p.expected}.`,
    fix: 'See the command with --help.',
  },
  COMMAND_FILE_EXISTS: {
    status: 500,
    title: 'File is there already',
    detail: (p: { file: string }) => `${p.file} exists, and would be written over.`,
    fix: 'Say --force if that is what you want, or choose another name.',
  },
}
