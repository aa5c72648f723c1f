import { auth } from '@glueful/auth'
import { database } from '@glueful/database'
import { queue } from '@glueful/queue'
import { webhooks } from '@glueful/webhooks'
import { expect, test } from 'vitest'

const users = { findByLogin: async () => undefined, findById: async () => undefined, updatePasswordHash: async () => undefined }

test.each([
  ['database', () => database({ migration: './migrations' } as never), "database() has no option 'migration'. Did you mean 'migrations'?"],
  ['queue', () => queue({ jobs: [], workers: true } as never), "queue() has no option 'workers'. Did you mean 'worker'?"],
  ['auth', () => auth({ users, role: {} } as never), "auth() has no option 'role'. Did you mean 'roles'?"],
  ['webhooks', () => webhooks({ retry: ['1m'] } as never), "webhooks() has no option 'retry'."],
])('%s() refuses options that nothing reads', (_, extension, message) => {
  expect(extension).toThrow(message)
})
