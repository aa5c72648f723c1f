export type { Client, ClientResult, Jsonify } from './http/client/client-types.ts'
export { createClient, type ClientOptions } from './http/client/create-client.ts'
export { routeManifest, type RouteManifest } from './http/client/manifest.ts'
