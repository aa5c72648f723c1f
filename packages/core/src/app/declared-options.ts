/* oxlint-disable unicorn/require-module-specifiers -- declarations are wanted, nothing by name */
/*
 * The types of options that nothing else on the face of the package leads to. Each option adds its line to RouteOptions in
 * its own file, which the declarations of the built package would not contain without these lines.
 */
export type { Cors } from '../traffic/cors/cors-option.ts'
export type {} from '../traffic/accepted-risks/accept-risks-option.ts'
export type {} from '../traffic/cache/cache-option.ts'
export type {} from '../traffic/force-https/force-https-option.ts'
export type {} from '../traffic/hosts/hosts-option.ts'
export type {} from '../traffic/ip-allow/ip-allow-option.ts'
export type {} from '../traffic/log/log-option.ts'
export type {} from '../traffic/reading/body-limit-option.ts'
export type {} from '../traffic/reading/reading-option.ts'
export type {} from '../traffic/reading/strict-option.ts'
export type {} from '../traffic/request-id/request-id-option.ts'
export type {} from '../traffic/response/response-option.ts'
export type {} from '../traffic/security-headers/security-headers-option.ts'
export type {} from '../traffic/timeout/timeout-option.ts'
export type {} from '../traffic/version/deprecation-option.ts'
export type {} from '../traffic/version/version-option.ts'
