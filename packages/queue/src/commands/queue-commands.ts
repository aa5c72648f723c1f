import type { Command } from 'glueful'
import { deadLetterCommands } from './queue-dead-letters.ts'
import { queueSandbox } from './queue-sandbox.ts'
import { queueExplain } from './queue-explain.ts'
import { queuePause, queueResume, queueStatus } from './queue-status.ts'
import { scheduleCommands } from './schedule-commands.ts'
import { queueWork } from './queue-work.ts'

/** What the extension adds to `glueful`. */
export const queueCommands: readonly Command[] = [
  queueWork,
  queueStatus,
  queueExplain,
  queuePause,
  queueResume,
  ...deadLetterCommands,
  queueSandbox,
  ...scheduleCommands,
]
