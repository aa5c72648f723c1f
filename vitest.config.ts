import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['glueful-source'] },
  ssr: { resolve: { conditions: ['glueful-source'] } },
  test: {
    include: ['{packages,extensions}/*/src/**/*.test.ts', 'apps/*/**/*.test.ts', 'tests/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'threads',
    testTimeout: 20_000,
  },
})
