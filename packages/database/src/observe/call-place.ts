import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

// Of this package as it is installed, or of its sources.
const ownFolder = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * A place in the program, taken when it is made and read only when somebody wants to know: `routes/cars.ts:12:5`, the
 * nearest frame that is neither of Node, nor of a package, nor of this one.
 */
export class CallPlace {
  declare readonly stack: string | undefined

  constructor() {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 40
    Error.captureStackTrace(this, CallPlace)
    Error.stackTraceLimit = limit
  }

  toString(): string | undefined {
    const lines = this.stack?.split('\n') ?? []
    for (const line of lines) {
      if (line.includes('node:')) continue
      const place = /\(?((?:file:\/\/|\/|[A-Z]:\\)[^()]+:\d+:\d+)\)?$/i.exec(line)?.[1]?.replace(/^file:\/\//, '')
      if (place !== undefined && isApplication(place)) return place.startsWith(`${process.cwd()}/`) ? place.slice(process.cwd().length + 1) : place
    }
    return undefined
  }
}

function isApplication(place: string): boolean {
  if (place.includes('/node_modules/')) return false
  // Tests beside the sources are applications of the package.
  return !place.startsWith(ownFolder) || /\.test\.[a-z]+:/.test(place)
}
