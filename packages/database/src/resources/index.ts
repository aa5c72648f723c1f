export { linked } from './linked.ts'
export { resource } from './resource.ts'
export type { PageLinks, Resource, ResourceCursorPage, ResourceOptions, ResourcePage, ResourceSchemas } from './resource-types.ts'
