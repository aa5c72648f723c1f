export * from './columns/index.ts'
