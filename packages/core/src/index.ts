export * from './http/context/route-options.ts'
export { route, group } from './http/context/route.ts'
