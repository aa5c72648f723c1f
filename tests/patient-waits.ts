import { vi } from 'vitest'

// `vi.waitFor` gives up after a second, which a machine with other work may need for anything; expect.poll has a setting.
const { waitFor } = vi
vi.waitFor = (callback, options = {}) => waitFor(callback, typeof options === 'number' ? options : { timeout: 20_000, ...options })
