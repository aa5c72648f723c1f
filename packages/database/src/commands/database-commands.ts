import type { Command } from 'glueful'
import { createCommand } from './db-create-command.ts'
import { optimizeCommand } from './db-optimize-command.ts'
import { shellCommand } from './db-shell-command.ts'
import { showCommand } from './db-show-command.ts'
import { makeMigrationCommand, migrateMakeCommand } from './make-migration-command.ts'
import { makeFactoryCommand, makeModelCommand, makeSeederCommand } from './make-model-command.ts'
import { resealCommand } from './reseal-command.ts'
import { freshCommand, resetCommand, rollbackCommand } from './migrate-back-commands.ts'
import { makeFilterCommand, makeResourceCommand } from './make-resource-command.ts'
import { migrateCommand } from './migrate-command.ts'
import { diffCommand } from './migrate-diff-command.ts'
import { statusCommand } from './migrate-status-command.ts'
import { seedCommand } from './seed-command.ts'

/** What the data layer adds to `glueful`. */
export const databaseCommands: readonly Command[] = [
  migrateCommand,
  statusCommand,
  rollbackCommand,
  resetCommand,
  freshCommand,
  migrateMakeCommand,
  diffCommand,
  seedCommand,
  createCommand,
  showCommand,
  shellCommand,
  optimizeCommand,
  resealCommand,
  makeModelCommand,
  makeMigrationCommand,
  makeFactoryCommand,
  makeSeederCommand,
  makeResourceCommand,
  makeFilterCommand,
]
