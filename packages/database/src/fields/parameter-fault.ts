import type { ErrorExtras } from 'glueful'

/** Where in the request a fault is: a parameter of its query. */
export function at(parameter: string, code: string, message: string): ErrorExtras {
  return { errors: [{ path: ['query', parameter.slice(0, 100)], code, message }] }
}
