import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['glueful-source'] },
  ssr: { resolve: { conditions: ['glueful-source'] } },
  test: {
    include: ['{packages,extensions}/*/src/**/*.test.ts', 'apps/*/**/*.test.ts', 'tests/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'threads',
    // Tests of processes and databases mostly wait, so that two go well on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ['tests/patient-waits.ts'],
  },
})
